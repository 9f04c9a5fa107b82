// SPDX-License-Identifier: MIT
// A request for a model that cannot see, in the client's own format.
#include "daemon/dialect/json_edit.hpp"
#include "daemon/route/capability.hpp"

namespace ccr::route {
namespace {

// The cache mark stays: the prefix that ends here is the client's to choose.
std::string note(json::Value image) {
    const json::Value source = image["source"];
    std::string text;
    json::Writer writer(text);
    writer.begin_object().key("type").string("text").key("text").begin_string();
    writer.append_text("[image omitted: ");
    const std::string_view type = source["media_type"].escaped();
    type.empty() ? writer.append_text("image") : writer.append_escaped_text(type);
    if (const std::size_t size = source["data"].escaped().size() * 3 / 4; size > 0) {
        writer.append_text(", " + std::to_string(size) + " bytes");
    }
    writer.append_text("; this model cannot see images]").end_string();
    if (const json::Value mark = image["cache_control"]; mark.present()) {
        writer.key("cache_control").raw(mark.raw());
    }
    writer.end_object();
    return text;
}

void replace_images(json::Value content, dialect::JsonEdit& edit) {
    for (const json::Value block : content.elements()) {
        const std::string_view type = block["type"].str();
        if (type == "image") {
            edit.replace(block, note(block));
        } else if (type == "tool_result") {
            replace_images(block["content"], edit);
        } else if (type == "document") {
            replace_images(block["source"]["content"], edit);
        }
    }
}

}  // namespace

std::string body_without_images(const chat::Request& request) {
    dialect::JsonEdit edit(request.document.source());
    for (const json::Value message : request.document.root()["messages"].elements())
        replace_images(message["content"], edit);
    return edit.apply();
}

}  // namespace ccr::route
