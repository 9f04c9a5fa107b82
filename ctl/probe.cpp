// SPDX-License-Identifier: MIT
#include "ctl/probe.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>

namespace ccr::ctl {
namespace {

class Headers {
  public:
    ~Headers() { curl_slist_free_all(list_); }
    Headers() = default;
    Headers(const Headers&) = delete;
    Headers& operator=(const Headers&) = delete;
    void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
    [[nodiscard]] curl_slist* list() const { return list_; }

  private:
    curl_slist* list_ = nullptr;
};

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
}

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

Probe::Reached reached_by(CURLcode code) {
    switch (code) {
        case CURLE_OK:
            return Probe::Reached::answer;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return Probe::Reached::nothing;
        case CURLE_COULDNT_CONNECT:
            return Probe::Reached::name;
        default:
            return Probe::Reached::connection;
    }
}

void read_result(const Handle& curl, CURLcode code, Probe& out) {
    out.reached = reached_by(code);
    out.untrusted = code == CURLE_PEER_FAILED_VERIFICATION;
    out.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl.get(), CURLINFO_STARTTRANSFER_TIME, &out.seconds);
    double resolved = 0;
    double connected = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_NAMELOOKUP_TIME, &resolved);
    curl_easy_getinfo(curl.get(), CURLINFO_CONNECT_TIME, &connected);
    if (out.timed_out && connected <= 0)
        out.reached = resolved > 0 ? Probe::Reached::name : Probe::Reached::nothing;
    out.status = static_cast<int>(status);
    curl_header* date = nullptr;
    if (curl_easy_header(curl.get(), "date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK) return;
    const time_t when = curl_getdate(date->value, nullptr);
    if (when > 0) out.date = when;
}

}  // namespace

Probe probe(const ProbeRequest& request) {
    Probe out;
    const Handle curl(curl_easy_init(), &curl_easy_cleanup);
    if (curl == nullptr) {
        out.why = "the HTTP library does not start";
        return out;
    }
    Headers headers;
    for (const auto& [name, value] : request.headers)
        headers.add(name + ": " + std::string(value.reveal()));
    std::array<char, CURL_ERROR_SIZE> message{};
    CURL* handle = curl.get();
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.list());
    curl_easy_setopt(handle, CURLOPT_PROXY, std::string(request.proxy.reveal()).c_str());
    // The configuration has decided who is reached directly.
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    if (!request.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "ccr/" CCR_VERSION);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.limit.count()));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &ignore);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, message.data());
    const CURLcode code = curl_easy_perform(handle);
    read_result(curl, code, out);
    if (code != CURLE_OK) out.why = message[0] != '\0' ? message.data() : curl_easy_strerror(code);
    // A length that does not fit the body is not what is asked here.
    if (out.status != 0) out.reached = Probe::Reached::answer;
    return out;
}

}  // namespace ccr::ctl
