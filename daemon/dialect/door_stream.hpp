// SPDX-License-Identifier: MIT
// What the streams of OpenAI's two formats have in common: what the relay asks is the block
// machine's to know, and a comment keeps the client waiting. Private to the doors.
#pragma once

#include <string>

#include "daemon/dialect/block_machine.hpp"
#include "daemon/dialect/dialect.hpp"
#include "daemon/dialect/door_search.hpp"

namespace ccr::dialect {

class DoorStream : public StreamWriter, protected BlockSink {
  public:
    // A frame without an event: clients' parsers skip it.
    static constexpr std::string_view comment = ": ping\n\n";

    explicit DoorStream(const ReplyContext& context)
        : request_(context.request), machine_(context, *this) {}

    void on(const chat::Event& event) override { machine_.on(event); }
    std::string& output() override { return out_; }
    [[nodiscard]] bool committed() const override { return machine_.begun(); }
    [[nodiscard]] bool done() const override { return machine_.ended(); }
    [[nodiscard]] bool satisfied() const override { return done() || machine_.all_said(); }
    void ping() override {
        if (!done()) out_ += comment;
    }
    void fail(const Error& error) override { machine_.fail(error); }
    [[nodiscard]] const chat::Usage& usage() const override { return machine_.usage(); }
    void use_digest(const chat::Request& digest) override {
        request_ = &digest;
        machine_.use_request(digest);
    }

  protected:
    void foreign(const chat::ForeignBlock& block) override { searches_.read(block, *this); }

    const chat::Request* request_;
    std::string out_;
    BlockMachine machine_;

  private:
    ForeignSearches searches_;
};

}  // namespace ccr::dialect
