// SPDX-License-Identifier: MIT
// What a target can do, from the best source there is: the config's word on the model, its word on
// the provider's profile, the model's name, the profile row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/chat/request.hpp"
#include "daemon/route/plan.hpp"

namespace ccr::route {

enum class Ability : std::uint8_t { no, yes, unknown };

struct Capability {
    Ability images = Ability::unknown;
    Ability tools = Ability::unknown;
    Ability thinking = Ability::unknown;
    std::int64_t context_window = 0;  // tokens; 0: unknown
};

[[nodiscard]] Capability capability(const Provider& provider, std::string_view model);
// Only the first of them.
[[nodiscard]] Ability can_see(const Provider& provider, std::string_view model);

// What a model's name alone says. From the providers' model lists; newest families included.
[[nodiscard]] Ability sees_by_name(std::string_view model);

// The profile of provider and model with what is known of the model laid over it; what encoders
// are to be given.
[[nodiscard]] dialect::Profile target_profile(const Provider& provider, std::string_view model);

// An image in a user message or tool result: of the last turn (all that follows the last assistant
// message), or anywhere.
[[nodiscard]] bool image_in_last_turn(const chat::Request& request);
[[nodiscard]] bool image_anywhere(const chat::Request& request);

// The client's body with each image replaced by a text block that tells the model that there was
// one: for a pass-through to a model that cannot see.
[[nodiscard]] std::string body_without_images(const chat::Request& request);

}  // namespace ccr::route
