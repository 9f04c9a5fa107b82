// SPDX-License-Identifier: MIT
#include <map>

#include "common/json.hpp"
#include "daemon/transform/argument_repair.hpp"
#include "daemon/transform/builtin.hpp"

namespace ccr::transform {
namespace {

class EnhanceTool final : public chat::EventSink {
  public:
    explicit EnhanceTool(chat::EventSink& next) : next_(next) {}

    void on(const chat::Event& event) override {
        if (const auto* piece = std::get_if<chat::ToolArguments>(&event)) return read(*piece);
        if (const auto* closed = std::get_if<chat::ToolClosed>(&event)) {
            // Whether it was cut off is known only when the reply says why it ended.
            const auto call = calls_.find(closed->key);
            if (call == calls_.end() || call->second.repair.whole()) {
                next_.on(event);
            } else {
                call->second.closed = true;
            }
            return;
        }
        if (std::holds_alternative<chat::ToolOpened>(event)) finish(true);
        if (const auto* finished = std::get_if<chat::Finished>(&event)) {
            cut_ = finished->reason == chat::Stop::max_tokens ||
                   finished->reason == chat::Stop::context_window;
        }
        if (std::holds_alternative<chat::Ended>(event)) finish(false);
        next_.on(event);
    }

  private:
    struct Call {
        ArgumentRepair repair;
        bool closed = false;
    };

    void read(const chat::ToolArguments& piece) {
        out_.clear();
        calls_[piece.key].repair.feed(json::unescape(piece.fragment.bytes), out_);
        give(piece.key);
    }

    void give(std::uint32_t key) {
        if (out_.empty()) return;
        const std::string escaped = json::escape(out_);
        next_.on(chat::ToolArguments{key, {escaped}});
    }

    // All calls, or those that the provider has closed already.
    void finish(bool closed_only) {
        for (auto call = calls_.begin(); call != calls_.end();) {
            if (closed_only && !call->second.closed) {
                ++call;
                continue;
            }
            out_.clear();
            call->second.repair.finish(cut_ && !closed_only, out_);
            give(call->first);
            if (call->second.closed) next_.on(chat::ToolClosed{call->first});
            call = calls_.erase(call);
        }
    }

    chat::EventSink& next_;
    std::map<std::uint32_t, Call> calls_;
    std::string out_;
    bool cut_ = false;
};

}  // namespace

Filter enhancetool_filter(const Options& /*options*/, const FilterContext& /*context*/,
                          chat::EventSink& next) {
    return std::make_unique<EnhanceTool>(next);
}

}  // namespace ccr::transform
