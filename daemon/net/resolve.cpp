// SPDX-License-Identifier: MIT
#include "daemon/net/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "common/text.hpp"
#include "common/url.hpp"

namespace ccr::net {
namespace {

using Answer = Result<std::vector<Endpoint>>;

constexpr std::size_t max_cached_names = 1024;
constexpr Millis failure_ttl{1'000};  // keeps a burst of requests from repeating a failed lookup

Answer system_lookup(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (code != 0) {
        const char* why = code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code);
        return Error{ErrorKind::resolve, "cannot find host " + host + ": " + why};
    }
    std::vector<Endpoint> found;
    for (const addrinfo* item = list; item; item = item->ai_next) {
        if (item->ai_family == AF_INET || item->ai_family == AF_INET6) {
            found.emplace_back(item->ai_addr, item->ai_addrlen);
        }
    }
    ::freeaddrinfo(list);
    if (found.empty()) return Error{ErrorKind::resolve, "host " + host + " has no address"};
    return found;
}

Answer with_port(std::vector<Endpoint> endpoints, std::uint16_t port) {
    for (auto& endpoint : endpoints)
        endpoint.set_port(port);
    return endpoints;
}

// What needs no lookup.
std::optional<Answer> known(const std::string& host, std::uint16_t port) {
    if (auto literal = Endpoint::parse(host, port)) return Answer{std::vector{*literal}};
    if (!is_loopback_host(host)) return std::nullopt;
    return Answer{std::vector{*Endpoint::parse("127.0.0.1", port), *Endpoint::parse("::1", port)}};
}

}  // namespace

Endpoint::Endpoint(const sockaddr* address, socklen_t size)
    : size_(std::min<socklen_t>(size, sizeof storage_)) {
    std::memcpy(&storage_, address, size_);
}

Result<Endpoint> Endpoint::parse(std::string_view ip, std::uint16_t port) {
    const std::string text(ip);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        return Endpoint(static_cast<const sockaddr*>(static_cast<const void*>(&v4)), sizeof v4);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        return Endpoint(static_cast<const sockaddr*>(static_cast<const void*>(&v6)), sizeof v6);
    }
    return Error{ErrorKind::resolve, text + " is not an IP address"};
}

const sockaddr* Endpoint::address() const {
    return static_cast<const sockaddr*>(static_cast<const void*>(&storage_));
}

bool Endpoint::is_v6() const {
    return storage_.ss_family == AF_INET6;
}

std::uint16_t Endpoint::port() const {
    sockaddr_in view{};  // the port is at the same place in both families
    std::memcpy(&view, &storage_, sizeof view);
    return ntohs(view.sin_port);
}

void Endpoint::set_port(std::uint16_t port) {
    const std::uint16_t network = htons(port);
    std::memcpy(static_cast<char*>(static_cast<void*>(&storage_)) + offsetof(sockaddr_in, sin_port),
                &network, sizeof network);
}

std::string Endpoint::text() const {
    std::array<char, INET6_ADDRSTRLEN> ip{};
    if (is_v6()) {
        sockaddr_in6 view{};
        std::memcpy(&view, &storage_, sizeof view);
        ::inet_ntop(AF_INET6, &view.sin6_addr, ip.data(), ip.size());
    } else {
        sockaddr_in view{};
        std::memcpy(&view, &storage_, sizeof view);
        ::inet_ntop(AF_INET, &view.sin_addr, ip.data(), ip.size());
    }
    std::string out = is_v6() ? '[' + std::string(ip.data()) + ']' : std::string(ip.data());
    out += ':';
    append_number(out, port());
    return out;
}

// Lives on in the helper threads: getaddrinfo cannot be interrupted, so they are left to finish by
// themselves when the resolver goes.
struct Resolver::Shared {
    // A coroutine that waits for an answer; both ends are unlinked under the mutex, so a helper
    // thread only ever posts to a loop whose coroutine is still there.
    struct Caller {
        Loop* loop = nullptr;
        std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
    };
    struct Name {
        std::optional<Answer> last;  // of the latest lookup
        std::vector<Endpoint> good;  // of the latest successful one
        SteadyTime looked_up, good_since;
        bool in_flight = false;
        std::vector<Caller> callers;
    };

    ResolverOptions options;
    std::mutex mutex;
    std::condition_variable work;
    std::map<std::string, Name> names;
    std::deque<std::string> queue;
    std::size_t threads = 0, idle = 0;
    bool stopping = false;

    std::optional<Answer> fresh(const Name& name, SteadyTime now) const;
    Answer settled(const Name& name, SteadyTime now) const;
    bool enqueue(const std::shared_ptr<Shared>& self, const std::string& host);
    void trim();
    void work_off();
};

std::optional<Answer> Resolver::Shared::fresh(const Name& name, SteadyTime now) const {
    if (!name.last) return std::nullopt;
    const Millis ttl = name.last->has_value() ? options.ttl : failure_ttl;
    if (now - name.looked_up > ttl) return std::nullopt;
    return settled(name, now);
}

Answer Resolver::Shared::settled(const Name& name, SteadyTime now) const {
    const bool failed = !name.last || !name.last->has_value();
    const bool usable = !name.good.empty() && now - name.good_since <= options.stale;
    if (failed && usable) return name.good;
    if (!name.last) return Error{ErrorKind::resolve, "the name lookup was dropped"};
    return *name.last;
}

void Resolver::Shared::trim() {
    for (auto it = names.begin(); names.size() >= max_cached_names && it != names.end();) {
        const bool busy = it->second.in_flight || !it->second.callers.empty();
        it = busy ? std::next(it) : names.erase(it);
    }
}

bool Resolver::Shared::enqueue(const std::shared_ptr<Shared>& self, const std::string& host) {
    if (queue.size() >= options.max_queue) return false;
    queue.push_back(host);
    if (idle == 0 && threads < options.threads) {
        ++threads;
        std::thread([self] { self->work_off(); }).detach();
    }
    work.notify_one();
    return true;
}

void Resolver::Shared::work_off() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        if (queue.empty()) {
            ++idle;
            work.wait(lock);
            --idle;
            continue;
        }
        const std::string host = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        Answer answer = options.lookup ? options.lookup(host) : system_lookup(host);
        lock.lock();
        Name& name = names[host];
        name.looked_up = std::chrono::steady_clock::now();
        if (answer) {
            name.good = *answer;
            name.good_since = name.looked_up;
        }
        name.last = std::move(answer);
        name.in_flight = false;
        for (auto& caller : std::exchange(name.callers, {})) {
            caller.loop->post([waiter = caller.waiter] { waiter->wake(); });
        }
    }
}

Resolver::Resolver(ResolverOptions options) : shared_(std::make_shared<Shared>()) {
    shared_->options = std::move(options);
}

Resolver::~Resolver() {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
    shared_->queue.clear();
    shared_->work.notify_all();
}

asio::awaitable<Answer> Resolver::resolve(Loop& loop, std::string host, std::uint16_t port,
                                          Limit limit, CancelScope* scope) {
    if (auto answer = known(host, port)) co_return std::move(*answer);
    const auto shared = shared_;
    Shared::Caller caller;
    caller.loop = &loop;
    {
        const std::lock_guard lock(shared->mutex);
        auto found = shared->names.find(host);
        if (found == shared->names.end()) {
            shared->trim();
            found = shared->names.emplace(host, Shared::Name{}).first;
        }
        Shared::Name& name = found->second;
        if (auto answer = shared->fresh(name, std::chrono::steady_clock::now())) {
            if (!*answer) co_return std::move(*answer);
            co_return with_port(std::move(**answer), port);
        }
        if (!name.in_flight) name.in_flight = shared->enqueue(shared, host);
        if (!name.in_flight) co_return Error{ErrorKind::resolve, "too many name lookups at once"};
        name.callers.push_back(caller);
    }
    const Wake wake = co_await caller.waiter->wait(loop, limit, scope);
    const std::lock_guard lock(shared->mutex);
    Shared::Name& name = shared->names[host];
    std::erase_if(name.callers, [&](const auto& other) { return other.waiter == caller.waiter; });
    if (wake == Wake::cancelled) co_return Error{ErrorKind::cancelled, "lookup cancelled"};
    if (wake == Wake::timeout) {
        const auto now = std::chrono::steady_clock::now();
        if (!name.good.empty() && now - name.good_since <= shared->options.stale) {
            co_return with_port(name.good, port);
        }
        co_return Error{ErrorKind::timeout, "name server did not answer for " + host};
    }
    Answer answer = shared->settled(name, std::chrono::steady_clock::now());
    if (!answer) co_return answer;
    co_return with_port(std::move(*answer), port);
}

}  // namespace ccr::net
