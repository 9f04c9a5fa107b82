// SPDX-License-Identifier: MIT
#include "daemon/http/error_reply.hpp"

#include "common/json.hpp"

namespace ccr::http {

std::string error_body(std::string_view type, std::string_view message,
                       std::string_view request_id) {
    std::string out;
    out.reserve(message.size() + 128);
    json::Writer writer(out);
    writer.begin_object().key("type").string("error").key("error").begin_object();
    writer.key("type").string(type).key("message").string(message).end_object();
    writer.key("request_id").string(request_id).end_object();
    return out;
}

std::string error_body(const Error& error, std::string_view request_id) {
    return error_body(traits(error.kind).wire_type, error.detail, request_id);
}

}  // namespace ccr::http
