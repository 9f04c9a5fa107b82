// SPDX-License-Identifier: MIT
#include "ctl/sse.hpp"

namespace ccr::ctl {
namespace {

std::string_view value_of(std::string_view line, std::string_view field) {
    line.remove_prefix(field.size());
    if (line.starts_with(' ')) line.remove_prefix(1);
    return line;
}

}  // namespace

bool EventReader::feed(
    std::string_view bytes,
    const std::function<bool(std::string_view name, std::string_view data)>& event) {
    pending_ += bytes;
    std::size_t at = 0;
    for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', at)) {
        std::string_view line = std::string_view(pending_).substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        at = end + 1;
        if (line.starts_with("event:")) {
            name_ = value_of(line, "event:");
        } else if (line.starts_with("data:")) {
            if (!data_.empty()) data_ += '\n';
            data_ += value_of(line, "data:");
        } else if (line.empty()) {
            const bool go_on = data_.empty() || event(name_, data_);
            name_.clear();
            data_.clear();
            if (!go_on) return false;
        }
    }
    pending_.erase(0, at);
    return pending_.size() + data_.size() <= max_event;
}

}  // namespace ccr::ctl
