// SPDX-License-Identifier: MIT
#include "ctl/report.hpp"

#include "ctl/command.hpp"
#include "ctl/service.hpp"

namespace ccr::ctl {

int report(const Arguments& arguments, std::string_view target,
           std::string (*human)(json::Value root, const Terminal& where)) {
    Client client(arguments);
    auto answer = client.get(target);
    if (!answer) return complain(answer.error());
    if (arguments.json()) {
        out(answer->body + "\n");
        return exit_ok;
    }
    json::Document document;
    const auto root = document.parse_view(answer->body);
    if (!root) return complain(root.error());
    out(human(*root, terminal()));
    return exit_ok;
}

}  // namespace ccr::ctl
