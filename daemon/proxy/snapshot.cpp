// SPDX-License-Identifier: MIT
#include "daemon/proxy/snapshot.hpp"

#include <algorithm>

#include "daemon/proxy/worker.hpp"

namespace ccr::proxy {
const ServedPreset* Snapshot::find_preset(std::string_view name) const {
    const auto by_id = std::find_if(presets.begin(), presets.end(),
                                    [name](const auto& each) { return each.about.id == name; });
    if (by_id != presets.end()) return &*by_id;
    const ServedPreset* found = nullptr;
    for (const auto& each : presets) {
        if (each.about.name != name) continue;
        if (found != nullptr) return nullptr;
        found = &each;
    }
    return found;
}

std::shared_ptr<const Snapshot> pin(const Worker& worker, const http::Request& request) {
    const std::string_view name = request.param("preset");
    if (name.empty()) return worker.snapshot;
    const auto* preset = worker.snapshot->find_preset(name);
    return preset == nullptr ? nullptr : preset->snapshot;
}

}  // namespace ccr::proxy
