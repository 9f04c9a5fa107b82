// SPDX-License-Identifier: MIT
#include "daemon/net/pool.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace ccr::net {
namespace {

constexpr Millis sweep_interval{5'000};

// How many idle connections each loop has for one origin: written by the owning loop, read by the
// others to decide whom to ask.
struct Presence {
    explicit Presence(std::size_t loops) : idle(loops) {}
    std::vector<std::atomic<std::uint32_t>> idle;
};

struct Idle {
    std::unique_ptr<Stream> stream;
    SteadyTime since;
};

struct Bucket {
    std::vector<Idle> idle;  // oldest first
    std::shared_ptr<Presence> presence;
};

}  // namespace

struct Pool::Directory {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Presence>> origins;
    std::atomic<std::uint64_t> dialed{0}, reused{0}, taken_over{0}, replaced{0};
    std::atomic<std::size_t> idle{0};

    std::shared_ptr<Presence> presence(const std::string& key, std::size_t loops) {
        const std::lock_guard lock(mutex);
        auto& entry = origins[key];
        if (!entry) entry = std::make_shared<Presence>(loops);
        return entry;
    }
};

struct Pool::Shard final : TimerNode {
    Shard(Loop& on, Directory& all, const PoolOptions& limits, std::size_t loop_count)
        : loop(on), directory(all), options(limits), loops(loop_count) {}

    Bucket& bucket(const std::string& key);
    void publish(const Bucket& bucket);
    std::unique_ptr<Stream> pop(Bucket& bucket);
    void push(Bucket& bucket, std::unique_ptr<Stream> stream);
    void drop_oldest(Bucket& bucket, std::size_t count);
    void drop_oldest_of_all();
    void clear();
    void on_timer() override;

    Loop& loop;
    Directory& directory;
    const PoolOptions& options;
    std::size_t loops;
    std::size_t total = 0;
    std::unordered_map<std::string, Bucket> buckets;
};

Bucket& Pool::Shard::bucket(const std::string& key) {
    Bucket& found = buckets[key];
    if (!found.presence) found.presence = directory.presence(key, loops);
    return found;
}

void Pool::Shard::publish(const Bucket& bucket) {
    bucket.presence->idle[static_cast<std::size_t>(loop.index())].store(
        static_cast<std::uint32_t>(bucket.idle.size()), std::memory_order_relaxed);
}

std::unique_ptr<Stream> Pool::Shard::pop(Bucket& bucket) {
    std::unique_ptr<Stream> found;
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!found && !bucket.idle.empty()) {
        Idle idle = std::move(bucket.idle.back());
        bucket.idle.pop_back();
        --total;
        directory.idle.fetch_sub(1, std::memory_order_relaxed);
        const bool fit = now - idle.since < options.max_idle_age && idle.stream->is_alive_idle();
        if (fit) found = std::move(idle.stream);
    }
    publish(bucket);
    return found;
}

void Pool::Shard::drop_oldest(Bucket& bucket, std::size_t count) {
    bucket.idle.erase(bucket.idle.begin(),
                      bucket.idle.begin() + static_cast<std::ptrdiff_t>(count));
    total -= count;
    directory.idle.fetch_sub(count, std::memory_order_relaxed);
    publish(bucket);
}

void Pool::Shard::drop_oldest_of_all() {
    Bucket* oldest = nullptr;
    for (auto& [key, bucket] : buckets) {
        if (bucket.idle.empty()) continue;
        if (!oldest || bucket.idle.front().since < oldest->idle.front().since) oldest = &bucket;
    }
    if (oldest) drop_oldest(*oldest, 1);
}

void Pool::Shard::push(Bucket& bucket, std::unique_ptr<Stream> stream) {
    if (options.max_idle == 0 || options.max_idle_per_origin == 0) return;
    if (bucket.idle.size() >= options.max_idle_per_origin) drop_oldest(bucket, 1);
    if (total >= options.max_idle) drop_oldest_of_all();
    bucket.idle.push_back({std::move(stream), std::chrono::steady_clock::now()});
    ++total;
    directory.idle.fetch_add(1, std::memory_order_relaxed);
    publish(bucket);
    if (!armed()) loop.wheel().arm(*this, std::min(sweep_interval, options.max_idle_age));
}

void Pool::Shard::clear() {
    disarm();
    for (auto& [key, bucket] : buckets)
        drop_oldest(bucket, bucket.idle.size());
}

void Pool::Shard::on_timer() {
    const SteadyTime limit = std::chrono::steady_clock::now() - options.max_idle_age;
    for (auto& [key, bucket] : buckets) {
        const auto young = std::find_if(bucket.idle.begin(), bucket.idle.end(),
                                        [limit](const Idle& idle) { return idle.since > limit; });
        drop_oldest(bucket, static_cast<std::size_t>(young - bucket.idle.begin()));
    }
    if (total > 0) loop.wheel().arm(*this, std::min(sweep_interval, options.max_idle_age));
}

// A connection on its way from the loop that has it to the loop that asked. Touched by the asking
// loop only; the connection itself travels in the posted task.
struct Pool::Handover {
    Waiter arrival;
    std::unique_ptr<Stream> stream;
    bool abandoned = false;
};

Origin::Origin(const Url& url)
    : tls(url.tls()),
      host(url.host),
      port(url.port),
      authority(url.authority()),
      key(url.origin()) {}

Pool::Pool(LoopPool& loops, std::unique_ptr<Dialer> dialer, PoolOptions options)
    : dialer_(std::move(dialer)), options_(options), directory_(std::make_unique<Directory>()) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        shards_.push_back(
            std::make_unique<Shard>(loops.at(i), *directory_, options_, loops.size()));
    }
}

Pool::Pool(Loop& loop, std::unique_ptr<Dialer> dialer, PoolOptions options)
    : dialer_(std::move(dialer)), options_(options), directory_(std::make_unique<Directory>()) {
    shards_.push_back(std::make_unique<Shard>(loop, *directory_, options_, 1));
}

Pool::~Pool() = default;

Pool::Shard& Pool::shard(Loop& loop) {
    return *shards_[static_cast<std::size_t>(loop.index())];
}

asio::awaitable<Result<PooledStream>> Pool::acquire(Loop& loop, const Origin& origin, Limit limit,
                                                    CancelScope& scope, bool fresh) {
    PooledStream out;
    if (!fresh) {
        Shard& own = shard(loop);
        out.stream = own.pop(own.bucket(origin.key));
        if (!out.stream && shards_.size() > 1) {
            out.stream = co_await take_over(loop, origin, scope);
        }
    }
    if (out.stream) {
        directory_->reused.fetch_add(1, std::memory_order_relaxed);
        out.reused = true;
        co_return out;
    }
    Dialer* dialer = origin.dialer ? origin.dialer.get() : dialer_.get();
    if (dialer == nullptr) co_return Error{ErrorKind::internal, "no way to " + origin.key};
    auto dialed = co_await dialer->dial(loop, origin, limit, scope);
    if (!dialed) co_return std::move(dialed).error();
    directory_->dialed.fetch_add(1, std::memory_order_relaxed);
    if (fresh) directory_->replaced.fetch_add(1, std::memory_order_relaxed);
    out.stream = std::move(*dialed);
    co_return out;
}

asio::awaitable<std::unique_ptr<Stream>> Pool::take_over(Loop& loop, const Origin& origin,
                                                         CancelScope& scope) {
    const auto& idle = shard(loop).bucket(origin.key).presence->idle;
    const auto richest = std::max_element(idle.begin(), idle.end(), [](auto& a, auto& b) {
        return a.load(std::memory_order_relaxed) < b.load(std::memory_order_relaxed);
    });
    if (richest->load(std::memory_order_relaxed) == 0) co_return nullptr;
    Shard& giver = *shards_[static_cast<std::size_t>(richest - idle.begin())];
    const auto handover = std::make_shared<Handover>();
    giver.loop.post([this, &giver, &loop, handover, origin] {
        auto found = giver.pop(giver.bucket(origin.key));
        StreamParts parts;
        if (found) parts = found->detach();
        loop.post([this, &loop, handover, origin, parts = std::move(parts)]() mutable {
            std::unique_ptr<Stream> stream;
            if (parts.fd) stream = make_stream(loop, std::move(parts));
            if (stream && handover->abandoned) return release(loop, origin, std::move(stream));
            handover->stream = std::move(stream);
            handover->arrival.wake();
        });
    });
    const Wake wake = co_await handover->arrival.wait(loop, options_.takeover_limit, &scope);
    handover->abandoned = wake != Wake::ready;
    if (handover->stream) directory_->taken_over.fetch_add(1, std::memory_order_relaxed);
    co_return std::move(handover->stream);
}

void Pool::release(Loop& loop, const Origin& origin, std::unique_ptr<Stream> stream) {
    if (loop.stopping() || !stream) return;
    stream->unwatch_peer();
    stream->clear_cancel();
    Shard& own = shard(loop);
    own.push(own.bucket(origin.key), std::move(stream));
}

void Pool::clear() {
    for (auto& shard : shards_)
        shard->loop.post([&shard = *shard] { shard.clear(); });
}

std::size_t Pool::idle(const std::string& key) const {
    const std::lock_guard lock(directory_->mutex);
    const auto found = directory_->origins.find(key);
    if (found == directory_->origins.end()) return 0;
    std::size_t sum = 0;
    for (const auto& count : found->second->idle)
        sum += count.load(std::memory_order_relaxed);
    return sum;
}

PoolCounters Pool::counters() const {
    PoolCounters out;
    out.dialed = directory_->dialed.load(std::memory_order_relaxed);
    out.reused = directory_->reused.load(std::memory_order_relaxed);
    out.taken_over = directory_->taken_over.load(std::memory_order_relaxed);
    out.replaced = directory_->replaced.load(std::memory_order_relaxed);
    out.idle = directory_->idle.load(std::memory_order_relaxed);
    return out;
}

}  // namespace ccr::net
