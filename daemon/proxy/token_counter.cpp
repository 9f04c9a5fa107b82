// SPDX-License-Identifier: MIT
#include "daemon/proxy/token_counter.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cmath>
#include <utility>

#include "common/log.hpp"
#include "daemon/proxy/rank_file.hpp"
#include "daemon/tokens/bpe.hpp"
#include "daemon/tokens/request_texts.hpp"

namespace ccr::proxy {
namespace {

// Behind the loops where there are fewer cores than threads.
constexpr int niceness = 5;

}  // namespace

struct TokenCounter::Job {
    Job(net::Loop& home, tokens::Encoding kind) : loop(home), encoding(kind) {}

    net::Loop& loop;
    tokens::Encoding encoding;
    tokens::Texts texts;
    std::atomic<bool> wanted{true};
    // The loop's thread only:
    net::Waiter done;
    std::optional<std::size_t> tokens;
};

class TokenCounter::Bench {
  public:
    explicit Bench(std::vector<std::string> folders) : folders_(std::move(folders)) {
        asio::post(thread_,
                   [] { ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness); });
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        thread_.stop();
        thread_.join();
    }

    template <typename Task>
    void post(Task task) {
        asio::post(thread_, std::move(task));
    }

    // On the thread.
    std::optional<std::size_t> count(const Job& job) {
        Place& place = places_[static_cast<std::size_t>(job.encoding)];
        if (!place.tried) open(place, job.encoding);
        if (!place.file) return std::nullopt;
        tokens::Encoder encoder(place.file->vocabulary());
        const std::string_view all = job.texts.bytes;
        std::size_t tokens = 0;
        std::size_t begin = 0;
        for (const std::size_t end : job.texts.ends) {
            if (!job.wanted.load(std::memory_order_relaxed)) return std::nullopt;
            tokens += encoder.count(all.substr(begin, end - begin));
            begin = end;
        }
        return tokens;
    }

  private:
    struct Place {
        bool tried = false;
        std::unique_ptr<RankFile> file;
    };

    void open(Place& place, tokens::Encoding encoding) {
        place.tried = true;
        auto file = RankFile::open(folders_, std::string(tokens::name_of(encoding)) + ".bin");
        if (file) {
            place.file = std::move(*file);
        } else {
            log::warn("token counts are estimates: " + file.error().chain());
        }
    }

    std::vector<std::string> folders_;
    std::array<Place, tokens::encoding_count> places_;
    asio::thread_pool thread_{1};
};

TokenCounter::TokenCounter(std::vector<std::string> folders) : folders_(std::move(folders)) {}

TokenCounter::~TokenCounter() = default;

TokenCounter::Bench& TokenCounter::bench() {
    const std::lock_guard lock(mutex_);
    if (!bench_) bench_ = std::make_unique<Bench>(folders_);
    return *bench_;
}

bool TokenCounter::enqueue(const std::shared_ptr<Job>& job) {
    const std::size_t size = job->texts.bytes.size();
    const bool full =
        waiting_.load() >= max_waiting || waiting_bytes_.load() + size > max_waiting_bytes;
    if (full) return false;  // by as many as there are loops too late, at worst
    ++waiting_;
    waiting_bytes_ += size;
    Bench& thread = bench();
    thread.post([this, &thread, job = job, size]() mutable {
        auto tokens = thread.count(*job);
        --waiting_;
        waiting_bytes_ -= size;
        // The job ends on its loop: so does the waiter in it.
        net::Loop& loop = job->loop;
        loop.post([job = std::move(job), tokens] {
            job->tokens = tokens;
            job->done.wake();
        });
    });
    return true;
}

asio::awaitable<std::optional<TokenCounter::Exact>> TokenCounter::exact(
    net::Loop& loop, const chat::Request& request, tokens::Encoding encoding,
    net::CancelScope* scope) {
    const auto job = std::make_shared<Job>(loop, encoding);
    if (!tokens::collect(request, max_request, job->texts)) co_return std::nullopt;
    Exact exact;
    exact.media = static_cast<std::int64_t>(job->texts.media);
    exact.framing = static_cast<std::int64_t>(job->texts.framing);
    if (job->texts.ends.empty()) co_return exact;
    if (!enqueue(job)) co_return std::nullopt;
    co_await job->done.wait(loop, limit, scope);
    job->wanted = false;
    if (!job->tokens) co_return std::nullopt;
    exact.text = static_cast<std::int64_t>(*job->tokens);
    co_return exact;
}

asio::awaitable<TokenCounter::Compared> TokenCounter::compare(net::Loop& loop,
                                                              const chat::Request& request,
                                                              Question question,
                                                              net::CancelScope* scope) {
    const std::int64_t guess = learned_.tokens(question.model, question.estimate);
    const auto apart = std::abs(static_cast<double>(guess - question.threshold));
    const bool is_near = apart <= near_threshold * static_cast<double>(question.threshold);
    if (!is_near) co_return Compared{guess, true};
    auto counted = co_await exact(loop, request, question.encoding, scope);
    if (!counted) co_return Compared{guess, false};
    co_return Compared{counted->text + counted->media, true};
}

}  // namespace ccr::proxy
