// SPDX-License-Identifier: MIT
// GET /v1/config: the configuration in force, as the file had it when it was loaded; secrets are
// masked.
#include "daemon/control/verbs.hpp"

namespace ccr::control {

asio::awaitable<void> get_config(Desk& desk, http::Request&, http::Reply& reply) {
    const std::string body = desk.office.facts().config_json;
    co_await send_json(reply, 200, body);
}

}  // namespace ccr::control
