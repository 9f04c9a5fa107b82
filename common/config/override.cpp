// SPDX-License-Identifier: MIT
#include "common/config/override.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "common/config/build.hpp"

namespace ccr::config {
namespace {

Result<std::string> read(const std::string& path) {
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (status.type() == std::filesystem::file_type::not_found) {
        return Error(ErrorKind::not_found, path + ": there is no such file");
    }
    if (!std::filesystem::is_regular_file(status)) {
        return Error(ErrorKind::config, path + ": is no regular file");
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(max_override + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_override) return Error(ErrorKind::config, path + ": is too large");
    if (!file.eof()) return Error(ErrorKind::config, path + ": cannot be read");
    return text;
}

// Retries are numbers of a target, counted over all who use it: one session cannot have its own.
void refuse_retries(const json5::Value& root, Problems& problems) {
    const json5::Value* router = root.find("Router");
    const auto* table = router == nullptr ? nullptr : router->find("tierRetries");
    if (table == nullptr) return;
    problems.error(table->at, "Router.tierRetries",
                   "retries hold for a target, whoever asks; write them in the router's own "
                   "configuration and take them out of this file");
}

}  // namespace

Result<Router> load_router_override(const std::string& path, const Config& config,
                                    const Lookup& lookup) {
    auto text = read(path);
    if (!text) return std::move(text).error();
    json5::Parsed parsed = json5::parse(*text);
    Problems problems(path);
    for (json5::SyntaxError& error : parsed.errors)
        problems.error(error.at, "", std::move(error.message));
    Router router;
    if (parsed.errors.empty()) {
        // A project's file may hold settings of other programs, which are none of ours.
        std::erase_if(parsed.root.members, [](const json5::Member& member) {
            return member.key != "Router" && member.key != "router";
        });
        if (parsed.root.members.empty()) {
            return Error(ErrorKind::not_found, path + ": holds no Router");
        }
        prepare(parsed.root, lookup, problems);
        refuse_retries(parsed.root, problems);
        build_routes(parsed.root, config, router, problems);
    }
    const std::vector<Problem> list = problems.take();
    const auto first = std::find_if(list.begin(), list.end(), [](const Problem& problem) {
        return problem.severity == Severity::error;
    });
    if (first != list.end()) return Error(ErrorKind::config, format(*first));
    return router;
}

}  // namespace ccr::config
