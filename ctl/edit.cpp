// SPDX-License-Identifier: MIT
#include "ctl/edit.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "ctl/client.hpp"
#include "ctl/command.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {
namespace {

using config::Problem;
using config::Severity;

// Places move when the text changes, so that they are no part of what makes a problem the same.
bool has(const std::vector<Problem>& list, const Problem& problem) {
    return std::any_of(list.begin(), list.end(), [&problem](const Problem& each) {
        return each.severity == problem.severity && each.json_path == problem.json_path &&
               each.message == problem.message;
    });
}

bool same_file(const std::string& a, const std::string& b) {
    std::error_code error;
    return a == b || std::filesystem::equivalent(a, b, error);
}

}  // namespace

int save_config(const std::string& path, std::string_view old_text, std::string_view new_text) {
    const Settings before = check_settings(old_text, path);
    const Settings after = check_settings(new_text, path);
    bool worse = false;
    for (const Problem& problem : after.problems) {
        if (has(before.problems, problem)) continue;
        remark(format(problem));
        worse = worse || problem.severity == Severity::error;
    }
    if (worse) return complain(exit_config, path + " was not changed");
    const Result<void> written = replace_file(path, new_text);
    if (written) return exit_ok;
    return complain(exit_code_of(written.error()), written.error().detail);
}

int reload_if_running(const Arguments& arguments, const std::string& path) {
    Client client(arguments);
    const auto status = client.fetch<control::Status>(
        {.target = std::string(control::endpoint::status), .limit = Millis(3000)});
    if (!status && status.error().kind == ErrorKind::connect) return exit_ok;
    if (!status) {
        remark("the router may be running with the old configuration: " + status.error().chain());
        return exit_ok;
    }
    if (!same_file(status->config.path, path)) {
        remark("the running router uses another file, " + status->config.path);
        return exit_ok;
    }
    const auto result =
        client.fetch<control::ReloadResult>({.method = "POST",
                                             .target = std::string(control::endpoint::reload),
                                             .limit = Millis(30'000)},
                                            422);
    if (!result) return complain(result.error());
    if (!result->ok) {
        return complain(exit_config,
                        "the router goes on with the old configuration: " + result->error);
    }
    return exit_ok;
}

}  // namespace ccr::ctl
