// SPDX-License-Identifier: MIT
#include "common/error_body.hpp"

#include "common/json.hpp"
#include "common/utf8.hpp"

namespace ccr {

std::string error_body(const Error& error, std::string_view type, std::string_view request_id) {
    std::string out;
    out.reserve(error.detail.size() + 128);
    json::Writer writer(out);
    writer.begin_object().key("type").string("error").key("error").begin_object();
    writer.key("type").string(type).key("message").string(error.detail);
    // A provider's own codes mean something else in this place; the kinds up to not_supported are
    // about the client's request itself and made by us.
    if (!error.code.empty() && error.kind <= ErrorKind::not_supported) {
        writer.key("details").begin_object().key("error_code").string(error.code).end_object();
    }
    writer.end_object().key("request_id").string(request_id).end_object();
    if (!utf8::valid(out)) utf8::repair_json(out);
    return out;
}

std::string error_body(const Error& error, std::string_view request_id) {
    return error_body(error, traits(error.kind).wire_type, request_id);
}

const ErrorForm anthropic_errors{
    .body = error_body,
    .status = [](ErrorKind kind) { return traits(kind).status; },
};

}  // namespace ccr
