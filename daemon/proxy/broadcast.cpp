// SPDX-License-Identifier: MIT
#include "daemon/proxy/broadcast.hpp"

#include <algorithm>
#include <utility>

namespace ccr::proxy {
namespace {

constexpr std::size_t first_block = 256;
constexpr std::size_t largest_block = std::size_t{64} << 10U;

void deliver(net::Loop& loop, std::shared_ptr<LetterBox> box, Delivery delivery) {
    loop.post([box = std::move(box), delivery = std::move(delivery)]() mutable {
        box->delivery = std::move(delivery);
        box->arrival.wake();
    });
}

}  // namespace

void AnswerLog::append(std::string_view bytes) {
    end_ += bytes.size();
    while (!bytes.empty()) {
        if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
            const std::size_t size = blocks_.empty()
                                         ? first_block
                                         : std::min(blocks_.back().capacity() * 2, largest_block);
            blocks_.emplace_back().reserve(size);
        }
        std::string& last = blocks_.back();
        const auto piece = bytes.substr(0, last.capacity() - last.size());
        last += piece;
        bytes.remove_prefix(piece.size());
    }
}

std::string AnswerLog::read(std::size_t offset, std::size_t max) const {
    std::string out;
    std::size_t at = begin_;
    for (const auto& block : blocks_) {
        const std::size_t next = at + block.size();
        if (next > offset && out.size() < max) {
            const std::size_t skip = offset > at ? offset - at : 0;
            out.append(block, skip, max - out.size());
        }
        at = next;
    }
    return out;
}

void AnswerLog::drop_before(std::size_t offset) {
    std::size_t count = 0;
    while (count < blocks_.size() && begin_ + blocks_[count].size() <= offset)
        begin_ += blocks_[count++].size();
    blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(count));
}

void AnswerLog::clear() {
    std::vector<std::string>().swap(blocks_);
    begin_ = end_;
}

Broadcast::~Broadcast() {
    kept_->fetch_sub(accounted_, std::memory_order_relaxed);
}

// In steps, so that small pieces do not touch what all loops share.
void Broadcast::account() {
    constexpr std::size_t step = std::size_t{16} << 10U;
    const std::size_t size = (log_.end() - log_.begin()) / step * step;
    if (size == accounted_) return;
    kept_->fetch_add(size - accounted_, std::memory_order_relaxed);
    accounted_ = size;
}

void Broadcast::attach(http::Reply& reply, std::function<void()> closed) {
    reply_ = &reply;
    closed_ = std::move(closed);
    reply.set_tap(this);
}

void Broadcast::close() {
    joinable_ = false;
    const auto closed = std::exchange(closed_, nullptr);
    if (closed) closed();
}

void Broadcast::detach() {
    if (reply_ == nullptr) return;
    if (!ended_) on_end(false);
    // Whoever found this before it was closed is still served, from the log.
    const bool whole = complete_ && log_.begin() == 0;
    close();
    joinable_ = whole;
    reply_->set_tap(nullptr);
    reply_ = nullptr;
}

void Broadcast::join(net::Loop& loop, std::shared_ptr<LetterBox> box) {
    home_.post([self = shared_from_this(), &loop, box = std::move(box)]() mutable {
        Follower follower;
        follower.loop = &loop;
        follower.box = std::move(box);
        self->admit(std::move(follower));
    });
}

void Broadcast::want_more(const std::shared_ptr<LetterBox>& box) {
    home_.post([self = shared_from_this(), box] {
        for (auto& follower : self->followers_) {
            if (follower.box != box) continue;
            follower.hungry = true;
            self->feed(follower);
            break;
        }
        self->trim();
    });
}

void Broadcast::leave(const std::shared_ptr<LetterBox>& box) {
    home_.post([self = shared_from_this(), box] { self->remove(box.get()); });
}

void Broadcast::admit(Follower follower) {
    // An answer that is being given up must not gain a listener half-way.
    const bool dying = reply_ != nullptr && (reply_->client_lost() || reply_->interrupted());
    const bool begun_for_nobody = dying && followers_.empty();
    if (!joinable_ || begun_for_nobody || (ended_ && !complete_)) {
        close();
        Delivery no;
        no.refused = true;
        deliver(*follower.loop, std::move(follower.box), std::move(no));
        return;
    }
    followers_.push_back(std::move(follower));
    feed(followers_.back());
}

void Broadcast::feed(Follower& follower) {
    const bool news = (has_head_ && streamed_ && !follower.has_head) ||
                      (streamed_ && follower.offset < log_.end()) || ended_;
    if (!follower.hungry || !news) return;
    follower.hungry = false;
    Delivery out;
    if (!follower.has_head && ended_ && !complete_) {
        out.refused = true;
        deliver(*follower.loop, follower.box, std::move(out));
        return;
    }
    if (!follower.has_head) {
        follower.has_head = true;
        out.head = headers_;
        out.status = status_;
        out.streamed = streamed_;
    }
    out.bytes = log_.read(follower.offset, max_piece);
    follower.offset += out.bytes.size();
    out.ended = ended_ && follower.offset == log_.end();
    out.complete = complete_;
    deliver(*follower.loop, follower.box, std::move(out));
}

void Broadcast::feed_all() {
    for (auto& follower : followers_)
        feed(follower);
}

std::size_t Broadcast::slowest() const {
    std::size_t least = log_.end();
    for (const auto& follower : followers_)
        least = std::min(least, follower.offset);
    return least;
}

// Past the bound the beginning goes, and with it the chance to join.
void Broadcast::trim() {
    account();
    const bool too_much = accounted_ > 0 && kept_->load(std::memory_order_relaxed) > max_kept;
    if (too_much || log_.end() - log_.begin() > max_replay) {
        if (joinable_) close();
        if (followers_.empty()) {
            log_.clear();
        } else {
            log_.drop_before(slowest());
        }
        account();
    }
    if (room_.waiting() && !full()) room_.wake();
}

bool Broadcast::full() const {
    return !followers_.empty() && log_.end() - slowest() > max_replay;
}

asio::awaitable<Result<void>> Broadcast::wait_for_room() {
    while (full()) {
        const net::Wake wake = co_await room_.wait(home_, patience_);
        if (wake == net::Wake::cancelled) {
            co_return Error(ErrorKind::cancelled, "router is shutting down");
        }
        if (wake == net::Wake::timeout) drop_slowest();
    }
    co_return Result<void>();
}

void Broadcast::drop_slowest() {
    const std::size_t offset = slowest();
    const auto at = std::find_if(followers_.begin(), followers_.end(),
                                 [offset](const auto& each) { return each.offset == offset; });
    if (at == followers_.end()) return;
    Delivery end;
    end.ended = true;
    deliver(*at->loop, at->box, std::move(end));
    remove(at->box.get());
}

void Broadcast::remove(const LetterBox* box) {
    const auto gone = std::erase_if(
        followers_, [box](const Follower& follower) { return follower.box.get() == box; });
    if (gone == 0) return;
    trim();
    if (followers_.empty() && reply_ != nullptr) reply_->listeners_gone();
}

void Broadcast::on_head(int status, const http::Headers& headers, bool streamed) {
    has_head_ = true;
    status_ = status;
    headers_ = headers;
    // An error names the request that it belongs to, in its body, too.
    if (status >= 400) headers_.set("request-id", reply_->request_id());
    streamed_ = streamed;
}

void Broadcast::on_body(std::string_view bytes) {
    if (!joinable_ && followers_.empty()) return;
    log_.append(bytes);
    if (!followers_.empty() && streamed_) feed_all();
    trim();
}

void Broadcast::on_end(bool complete) {
    if (ended_) return;
    ended_ = true;
    complete_ = complete;
    feed_all();
}

}  // namespace ccr::proxy
