// SPDX-License-Identifier: MIT
// What a client of Anthropic's API needs in its environment to talk to the router: the one list
// behind `ccr activate` and `ccr code`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "ctl/arguments.hpp"
#include "ctl/settings.hpp"

namespace ccr::ctl {

struct ClientEnvironment {
    std::vector<std::pair<std::string, std::string>> set;
    std::vector<std::string> unset;
};

// "http://127.0.0.1:3456"; an error (kind config) when the port is known to the daemon only.
[[nodiscard]] Result<std::string> base_url(const Config& config);

// A running router is asked for its configuration and address, unless the command line names a
// configuration and no control socket.
struct Router {
    Settings settings;
    std::string url;       // as it says itself; empty: by its configuration
    bool running = false;  // it answered
    bool hidden = false;   // there is one, but its control socket may not be used
};
[[nodiscard]] Router find_router(const Arguments& arguments);

// `preset`: an id; empty: none. Errors are of kind config and say what to do.
[[nodiscard]] Result<ClientEnvironment> client_environment(const Router& router,
                                                           std::string_view preset = {});

// For a preset that says `noServer`: its first provider, which has to speak Anthropic's format, is
// asked by the client itself. Errors are of kind config and say what to do.
[[nodiscard]] Result<ClientEnvironment> direct_environment(const Config& preset);

}  // namespace ccr::ctl
