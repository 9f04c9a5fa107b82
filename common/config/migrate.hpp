// SPDX-License-Identifier: MIT
// Turns another router's config file into one of this program's, and says what could not come
// along. Pure: nothing is read from the environment, ${NAME} stays what it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/load.hpp"

namespace ccr::config {

enum class Origin : std::uint8_t { automatic, node_v1, node_v2, ccr_rust };

[[nodiscard]] std::string_view origin_name(Origin origin);  // for people: "Node router 2.x"

// One thing that is not the same afterwards. Never contains a value of the file.
struct MigrationNote {
    enum class What : std::uint8_t {
        dropped,  // is not in the new file
        changed,  // is, in another form or place
        idle,     // is, without effect in this version
        comment,  // lines of comments that are not in the new file
    };
    What what = What::dropped;
    std::string json_path;  // in the old file
    std::string why;
    std::string suggestion;  // what to do instead; empty: nothing needs to be done
    json5::Position at;
};

[[nodiscard]] std::string_view what_name(MigrationNote::What what);

struct Migration {
    // JSON with two spaces of indentation, keys in this program's spelling, without comments.
    // Empty when the old text cannot be read.
    std::string text;
    Origin origin = Origin::automatic;  // as told or recognised
    std::vector<MigrationNote> notes;   // in file order
    std::vector<Problem> problems;      // of the old text: why there is no new one
};

// `filename` is for messages only.
[[nodiscard]] Migration migrate(std::string_view text, const std::string& filename,
                                Origin origin = Origin::automatic);

}  // namespace ccr::config
