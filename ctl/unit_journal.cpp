// SPDX-License-Identifier: MIT
// What the journal holds of a unit, for the message about why it did not start.
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>

#include "ctl/unit.hpp"

namespace ccr::ctl {
namespace {

struct JournalCloser {
    void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};
using Journal = std::unique_ptr<sd_journal, JournalCloser>;

std::string field(sd_journal* journal, const char* name) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (sd_journal_get_data(journal, name, &data, &size) < 0) return {};
    const std::string_view text(static_cast<const char*>(data), size);
    const auto equals = text.find('=');
    return equals == std::string_view::npos ? std::string() : std::string(text.substr(equals + 1));
}

}  // namespace

std::vector<std::string> Manager::last_lines(std::string_view unit, std::size_t count) const {
    sd_journal* opened = nullptr;
    const int flags = SD_JOURNAL_LOCAL_ONLY;
    if (sd_journal_open(&opened, flags) < 0) return {};
    const Journal journal(opened);
    const char* name = scope_ == Scope::user ? "_SYSTEMD_USER_UNIT=" : "_SYSTEMD_UNIT=";
    const std::string match = name + std::string(unit);
    if (sd_journal_add_match(opened, match.data(), match.size()) < 0) return {};
    if (sd_journal_seek_tail(opened) < 0) return {};
    std::vector<std::string> lines;
    std::string invocation;
    while (lines.size() < count && sd_journal_previous(opened) > 0) {
        const std::string of = field(opened, "_SYSTEMD_INVOCATION_ID");
        if (invocation.empty()) invocation = of;
        if (of != invocation) break;
        lines.push_back(field(opened, "MESSAGE"));
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace ccr::ctl
