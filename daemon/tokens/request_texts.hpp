// SPDX-License-Identifier: MIT
// Everything in a request that costs tokens, in order: one walk for the estimate and for the exact
// count, so that both count the same things.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/chat/request.hpp"

namespace ccr::tokens {

class TextSink {
  public:
    virtual ~TextSink() = default;
    virtual void escaped(std::string_view text) = 0;  // as it stands in a JSON string
    virtual void plain(std::string_view text) = 0;    // decoded
    virtual void json(std::string_view raw) = 0;      // a JSON value that the model sees as JSON
    virtual void tool(std::string_view name, std::string_view escaped_description) = 0;
    virtual void media(double tokens) = 0;
    virtual void framing(double tokens) = 0;  // what a provider puts around messages and tools
};

void walk(const chat::Request& request, TextSink& sink);

// A request's texts, decoded and owned, to be counted on another thread.
struct Texts {
    std::string bytes;              // all of them, one after the other
    std::vector<std::size_t> ends;  // each text ends here and the next begins
    double media = 0;
    double framing = 0;
};
// False where the texts are larger than `max_bytes`; `out` is not to be used then.
[[nodiscard]] bool collect(const chat::Request& request, std::size_t max_bytes, Texts& out);

}  // namespace ccr::tokens
