// SPDX-License-Identifier: MIT
// A request made ready for one target: kept while it may be sent again, so that a retry encodes
// nothing a second time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/route/plan.hpp"
#include "daemon/route/search.hpp"
#include "daemon/route/speech.hpp"
#include "daemon/transform/chain.hpp"

namespace ccr::proxy {

struct Turn;

class Prepared {
  public:
    Prepared(const Turn& turn, const route::Target& target);

    // Makes the body, unless it is there. An error says why this target cannot be asked.
    [[nodiscard]] Result<void> encode(Turn& turn);

    // What the target refused before: the next encode() does without. False: that cannot be.
    bool leave_out(const chat::Request& request, std::uint32_t features);
    void cap_output(std::int64_t max_tokens);
    // The request has changed: the next encode() makes the body anew.
    void forget() { ready_ = false; }
    // Nothing will be sent again; what the reply side needs stays.
    void release_body();

    [[nodiscard]] const dialect::Dialect& dialect() const { return *speech_.dialect; }
    [[nodiscard]] const dialect::Profile& profile() const { return speech_.profile; }
    // Path and query to send it to. `named` takes one that names the model.
    [[nodiscard]] std::string_view path(std::string& named) const;
    [[nodiscard]] const dialect::Encoded& encoded() const { return encoded_; }
    [[nodiscard]] const transform::Chain* chain() const { return chain_; }
    [[nodiscard]] bool streams() const { return streams_; }  // asked of the provider
    // Client's and provider's dialect agree, and the client's bytes can be sent. Of encode().
    [[nodiscard]] bool native() const { return native_; }
    // The model calls a function to search the web, and has to be given an answer, see
    // search_loop.hpp.
    [[nodiscard]] bool searches() const {
        return search_ == route::SearchBy::router || search_ == route::SearchBy::echo;
    }
    // Nothing but what it calls it with.
    [[nodiscard]] bool echoes() const { return search_ == route::SearchBy::echo; }
    [[nodiscard]] std::uint32_t left_out() const { return left_out_; }

  private:
    [[nodiscard]] dialect::EncodeOptions options(const Turn& turn) const;
    [[nodiscard]] Result<dialect::Encoded> splice(Turn& turn,
                                                  const dialect::EncodeOptions& options) const;
    [[nodiscard]] Result<dialect::Encoded> translate(Turn& turn,
                                                     const dialect::EncodeOptions& options) const;
    [[nodiscard]] dialect::Overlay& overlay();

    const route::Target& target_;
    const transform::Chain* chain_;  // null: no transformers
    route::Speech speech_;
    std::unique_ptr<dialect::Overlay> overlay_;  // null: nothing to lay over
    route::SearchBy search_;                     // nobody where the request wants none
    bool native_;
    bool streams_;
    bool transformed_ = false;
    bool ready_ = false;
    std::uint32_t left_out_ = 0;
    dialect::Encoded encoded_;
};

}  // namespace ccr::proxy
