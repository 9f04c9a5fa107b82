// SPDX-License-Identifier: MIT
// A provider's transformers from the configuration to the wire and back, for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/route/plan.hpp"
#include "tests/testing/reply_run.hpp"
#include "tests/testing/request_run.hpp"

namespace ccr::testing {

class TransformRun {
  public:
    // The provider's `transformer` and further members of it, both JSON5. Models: m, claude-m.
    explicit TransformRun(const std::string& transformer, const std::string& more = {});

    // What is wrong with the configuration; empty: nothing.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    [[nodiscard]] const route::Provider& provider() const { return *provider_; }
    [[nodiscard]] const transform::Chain* chain(std::string_view model = "m") const;

    // The body that a client's body becomes: in Chat Completions, or spliced.
    std::string chat(const std::string& client_body, std::string_view model = "m");
    std::string spliced(const std::string& client_body, std::string_view model = "m");
    // One member of chat(simple_body(more)), compact.
    std::string chat_member(std::string_view key, std::string_view more = {},
                            std::string_view model = "m");

    // The shape of a streamed reply: from a provider of Chat Completions in pieces of `cut` bytes,
    // or, if `anthropic`, of the client's own format.
    std::string streamed(const std::string& sse, std::size_t cut = 0, std::string_view model = "m");
    // The shape of the same reply from one body.
    std::string whole(const std::string& body, std::string_view model = "m");
    bool anthropic = false;

  private:
    dialect::Profile prepare(const chat::Request& request, std::string_view model,
                             dialect::Overlay& overlay);

    std::shared_ptr<const route::Directory> directory_;
    const route::Provider* provider_ = nullptr;
    std::string problem_;
};

// A body of Chat Completions with this message.
[[nodiscard]] std::string completion(std::string_view message, std::string_view finish = "stop");
// A message with one call of a tool; `arguments` is decoded text.
[[nodiscard]] std::string call_message(std::string_view name, std::string_view arguments);
// The deltas of the same call with its arguments in pieces of `size` bytes.
[[nodiscard]] std::vector<std::string> call_deltas(std::string_view name,
                                                   std::string_view arguments, std::size_t size);

}  // namespace ccr::testing
