// SPDX-License-Identifier: MIT
// `ccr ui`: where the dashboard is.
#include "ctl/client_env.hpp"
#include "ctl/commands.hpp"
#include "ctl/print.hpp"
#include "ctl/probe.hpp"
#include "ctl/programs.hpp"

namespace ccr::ctl {

int ui(const Arguments& arguments) {
    const Router router = find_router(arguments);
    if (!router.settings.ok() && router.url.empty()) return complain_about(router.settings);
    const Result<std::string> base =
        router.url.empty() ? base_url(*router.settings.config) : router.url;
    if (!base) return complain(exit_config, base.error().detail);
    const std::string url = *base + "/ui/";
    const Probe found = probe({.url = url, .headers = {}, .proxy = {}, .ca_file = {}});
    if (found.reached != Probe::Reached::answer) {
        return complain(exit_not_running,
                        "the router is not running, so there is no dashboard; start it by: ccr "
                        "start");
    }
    if (found.status == 404) {
        return complain(exit_unavailable,
                        "this version of the router has no dashboard; ccr top shows the same in "
                        "the terminal");
    }
    out(arguments.json() ? "{\"url\":\"" + url + "\"}\n" : url + "\n");
    if (!arguments.has("open")) return exit_ok;
    const std::string opener = find_program("xdg-open");
    if (opener.empty())
        return complain(exit_unavailable, "there is no xdg-open here; open the URL by hand");
    const auto ran = run_program({opener, url}, "", Millis(10'000));
    return ran && ran->code == 0
               ? exit_ok
               : complain(exit_unavailable, "xdg-open failed; open the URL by hand");
}

}  // namespace ccr::ctl
