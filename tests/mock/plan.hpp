// SPDX-License-Identifier: MIT
// A Plan is everything that the mock does on the wire for one request, worked out beforehand: raw
// bytes, waits and ways to break the connection. Playing it needs no knowledge of HTTP, so that a
// stream costs one write per event and plans can be shared by thousands of streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccr::mock {

enum class StepKind : std::uint8_t {
    send,        // `bytes`, in writes of `piece` bytes (0: all at once) `ms` apart
    delay,       // `ms`
    wait,        // until `ready()`; after `ms` (0: never) send `bytes` instead of the rest and end
    reset,       // close with RST
    half_close,  // FIN, but keep reading until the peer closes
    close,       // orderly close
    hang,        // nothing more, until the peer closes
};

struct Step {
    StepKind kind = StepKind::send;
    std::uint32_t ms = 0;
    std::uint32_t piece = 0;
    std::string bytes;
    std::function<bool()> ready;
};

struct Plan {
    std::vector<Step> steps;
    bool close_at_end = false;  // else the connection takes the next request
};

using PlanPtr = std::shared_ptr<const Plan>;
using HeaderList = std::vector<std::pair<std::string, std::string>>;

enum class Framing { chunked, length, until_close };

// Builds a plan step by step. Body bytes are framed (and compressed, if asked) as they are added;
// adjacent writes merge unless a wait lies between them.
class PlanBuilder {
  public:
    PlanBuilder();
    ~PlanBuilder();
    PlanBuilder(const PlanBuilder&) = delete;
    PlanBuilder& operator=(const PlanBuilder&) = delete;

    // Response head. With Framing::length the caller gives the length that the head shall claim.
    void head(int status, const HeaderList& headers, Framing framing, std::size_t length = 0);
    // A whole response with a content-length (compressed first if gzip() was called).
    void response(int status, const HeaderList& headers, std::string_view body);
    void body(std::string_view bytes);  // part of the body, framed
    void raw(std::string_view bytes);   // as it stands
    void delay(std::uint32_t ms);
    void drip(std::uint32_t piece, std::uint32_t ms);  // for what follows; piece 0 switches it off
    void gzip();                                       // call before the head
    void wait(std::function<bool()> ready, std::uint32_t timeout_ms, std::string otherwise);
    void fault(StepKind kind);
    void close_at_end() { plan_->close_at_end = true; }
    [[nodiscard]] bool has_head() const { return has_head_; }

    // Ends the body properly and hands the plan over.
    PlanPtr finish();
    // Hands the plan over as it is: the body stays unfinished.
    PlanPtr abandon();

  private:
    struct Deflate;
    std::string compress(std::string_view bytes, bool last);
    void framed(std::string_view bytes);

    std::shared_ptr<Plan> plan_;
    std::unique_ptr<Deflate> deflate_;
    Framing framing_ = Framing::length;
    std::uint32_t piece_ = 0;
    std::uint32_t drip_ms_ = 0;
    bool has_head_ = false;
    bool mergeable_ = false;
};

// Frames for Server-Sent Events, lines ended by `eol`.
std::string sse_data(std::string_view data, std::string_view eol = "\n");
std::string sse_event(std::string_view event, std::string_view data, std::string_view eol = "\n");

// A complete JSON response as bytes.
std::string json_response(int status, std::string_view body, const HeaderList& headers = {});
std::string_view reason_phrase(int status);

}  // namespace ccr::mock
