// SPDX-License-Identifier: MIT
#include "daemon/store/price_file.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include "daemon/store/state_file.hpp"

namespace ccr::store {
namespace {

// Nothing if there is no such file. A link is followed: the file is the administrator's.
std::optional<stats::PriceList> read(const std::string& path, std::vector<Error>& troubles) {
    std::error_code absent;
    const auto real = std::filesystem::canonical(path, absent);
    if (absent) return std::nullopt;
    auto text = read_file(real.string());
    if (!text) {
        troubles.push_back(std::move(text).error());
        return std::nullopt;
    }
    if (!*text) return std::nullopt;
    auto list = stats::PriceList::parse(**text);
    if (list) return std::move(*list);
    troubles.push_back(std::move(list).error().wrap(path));
    return std::nullopt;
}

}  // namespace

Prices load_prices(const std::string& own, const std::vector<std::string>& folders) {
    Prices out;
    stats::PriceList list;
    if (!own.empty()) {
        if (auto found = read(own, out.troubles)) list = std::move(*found);
    }
    for (const std::string& folder : folders) {
        auto found = read(folder + "/prices.json", out.troubles);
        if (!found) continue;
        list.add(std::move(*found));
        break;
    }
    out.list = std::make_shared<const stats::PriceList>(std::move(list));
    return out;
}

}  // namespace ccr::store
