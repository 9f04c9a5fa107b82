// SPDX-License-Identifier: MIT
#include "daemon/proxy/dedup.hpp"

#include <cstring>

#include "common/text.hpp"
#include "daemon/route/session.hpp"

namespace ccr::proxy {
namespace {

constexpr std::string_view opt_out = "x-ccr-dedup";
// Beside the body, what an answer depends on, and whose it is.
constexpr std::array<std::string_view, 4> headers_that_matter{"anthropic-beta", "anthropic-version",
                                                              "x-api-key", "authorization"};
constexpr std::string_view agent_header = "x-claude-code-agent-id";
// The client's own account of itself, which differs between requests that are otherwise the same.
constexpr std::string_view billing_mark = "x-anthropic-billing-header";

// The first system block if it is the billing block.
std::string_view billing_block(const chat::Request& chat) {
    const json::Value system = chat.document.root()["system"];
    if (!system.is_array()) return {};
    const json::Value first = system.at(0);
    const bool found = trim(first["text"].escaped()).starts_with(billing_mark);
    return found ? first.raw() : std::string_view();
}

bool wanted(const Turn& turn) {
    if (!turn.snapshot->config().dispatch.dedup.enabled) return false;
    return !iequals(turn.http.headers.get(opt_out), "off");
}

}  // namespace

std::size_t DedupTable::Hash::operator()(const DedupKey& key) const {
    std::size_t hash = 0;
    static_assert(sizeof hash <= sizeof key.request);
    std::memcpy(&hash, key.request.data(), sizeof hash);
    return hash;
}

DedupTable::Stripe& DedupTable::stripe(const DedupKey& key) {
    // Other bits than the map's own.
    return stripes_[static_cast<unsigned char>(key.request.back()) % stripe_count];
}

std::shared_ptr<Broadcast> DedupTable::find_or_enter(const DedupKey& key,
                                                     const std::shared_ptr<Broadcast>& own) {
    Stripe& place = stripe(key);
    const std::lock_guard lock(place.mutex);
    const auto [at, entered] = place.answers.try_emplace(key, own);
    return entered ? nullptr : at->second;
}

void DedupTable::remove(const DedupKey& key, const Broadcast* own) {
    Stripe& place = stripe(key);
    std::shared_ptr<Broadcast> last;  // ends outside the lock
    const std::lock_guard lock(place.mutex);
    const auto at = place.answers.find(key);
    if (at == place.answers.end() || at->second.get() != own) return;
    last = std::move(at->second);
    place.answers.erase(at);
}

std::size_t DedupTable::size() const {
    std::size_t sum = 0;
    for (const auto& place : stripes_) {
        const std::lock_guard lock(place.mutex);
        sum += place.answers.size();
    }
    return sum;
}

Leadership::~Leadership() {
    if (broadcast_) broadcast_->detach();
}

// With its length, so that no two lists of fields read alike.
void Dedup::add(std::string_view field) {
    const std::uint64_t size = field.size();
    std::array<char, sizeof size> bytes{};
    std::memcpy(bytes.data(), &size, sizeof size);
    hash_.add({bytes.data(), bytes.size()});
    hash_.add(field);
}

void Dedup::add_body(const chat::Request& chat) {
    const std::string_view body = chat.document.source();
    const std::string_view billing = billing_block(chat);
    if (billing.empty()) return add(body);
    const auto at = static_cast<std::size_t>(billing.data() - body.data());
    add(body.substr(0, at));
    add(body.substr(at + billing.size()));
}

DedupKey Dedup::key_of(const Turn& turn, std::string_view session) {
    const http::Headers& headers = turn.http.headers;
    DedupKey key;
    key.principal = session;
    key.principal += ' ';
    key.principal += headers.get(agent_header);
    add(turn.http.method);
    add(turn.http.target);
    for (const auto name : headers_that_matter)
        add(headers.get(name));
    add(turn.subagent_model);
    add_body(*turn.chat);
    key.request = hash_.finish();
    return key;
}

std::shared_ptr<Broadcast> Dedup::enter(Turn& turn, Leadership& leadership) {
    if (!wanted(turn)) return nullptr;
    const std::string session =
        route::session_id(turn.http.headers.get("x-claude-code-session-id"), turn.chat->user_id);
    if (session.empty()) return nullptr;
    DedupKey key = key_of(turn, session);
    auto own = std::make_shared<Broadcast>(
        *turn.worker.loop, turn.snapshot->config().server.write_timeout, table_.kept());
    if (auto leader = table_.find_or_enter(key, own)) return leader;
    own->attach(turn.reply, [&table = table_, key = std::move(key), self = own.get()] {
        table.remove(key, self);
    });
    leadership.broadcast_ = std::move(own);
    return nullptr;
}

}  // namespace ccr::proxy
