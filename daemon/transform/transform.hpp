// SPDX-License-Identifier: MIT
// What a transformer is: a function over the data that one attempt is encoded from, a filter on the
// events of its reply, or both. Neither knows whether the client streams, so each works either way.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/config/json5.hpp"
#include "daemon/chat/event.hpp"
#include "daemon/chat/request.hpp"
#include "daemon/dialect/overlay.hpp"
#include "daemon/dialect/profile.hpp"

namespace ccr::transform {

// As the configuration has them: checked, an object or null. They outlive every attempt.
using Options = json5::Value;

struct RequestContext {
    const chat::Request& request;
    std::string_view model;     // the provider's name for it
    bool capped = false;        // the configuration limits this model's output
    dialect::Profile& profile;  // the attempt's own
    dialect::Overlay& overlay;  // filled so far
};

struct FilterContext {
    const dialect::Profile& profile;  // outlives the filter
};

// Hands on what it does not change. Says nothing before its first event and holds nothing back
// after Ended. Outlived by `next`.
using Filter = std::unique_ptr<chat::EventSink>;

struct Transform {
    std::string_view name;  // lower case
    // The row of the quirk table that it stands for where the provider's host says nothing.
    std::string_view profile = {};
    void (*apply)(const Options& options, RequestContext& context) = nullptr;
    Filter (*filter)(const Options& options, const FilterContext& context,
                     chat::EventSink& next) = nullptr;
    // Whether the filter has anything to do; null: always. A chain without filters keeps the
    // pass-through of providers that speak the client's format.
    bool (*filters)(const Options& options) = nullptr;
    // Its options are members of the body, as the provider's usual format has them.
    bool members = false;
    // What is wrong with options that only it can judge, for the loader; empty: nothing.
    std::string (*problem)(const Options& options) = nullptr;
};

}  // namespace ccr::transform
