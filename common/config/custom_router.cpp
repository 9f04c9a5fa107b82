// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <array>
#include <filesystem>

#include "common/config/build.hpp"
#include "common/text.hpp"

namespace ccr::config {
namespace {

using json5::Member;
using json5::Value;

bool executable(const std::string& path) {
    std::error_code code;
    return std::filesystem::is_regular_file(path, code) && ::access(path.c_str(), X_OK) == 0;
}

// Absolute, so that a later change of directory does not matter; empty: not found.
std::string find_program(std::string_view name, const Lookup& lookup) {
    const std::string path = lookup("PATH").value_or("");
    std::string_view rest = path;
    while (!rest.empty()) {
        const auto colon = rest.find(':');
        const std::string_view directory = rest.substr(0, colon);
        rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
        std::string candidate(directory);
        candidate.append("/").append(name);
        if (directory.starts_with('/') && executable(candidate)) return candidate;
    }
    return {};
}

bool script(std::string_view text) {
    constexpr std::array<std::string_view, 3> endings{".js", ".mjs", ".cjs"};
    const std::string low = lower(text);
    for (const std::string_view ending : endings) {
        if (low.ends_with(ending)) return true;
    }
    return false;
}

class HookReader {
  public:
    HookReader(const Member& member, const Lookup& lookup, const std::string& file,
               Problems& problems)
        : member_(member), lookup_(lookup), file_(file), problems_(problems) {}

    void read(CustomRouter& out) {
        const std::string text(trim(member_.value.text));
        if (text.starts_with("unix:")) return socket(text.substr(5), out);
        if (text.find("://") != std::string::npos) return url(text, out);
        out.path = resolve_path(text, file_);
        if (script(text)) return javascript(out);
        if (!executable(out.path)) {
            return refuse(out.path + " is no executable file; name one, a .js file, " + other_forms,
                          out);
        }
        out.kind = CustomRouter::Kind::executable;
    }

  private:
    static constexpr const char* other_forms = "unix:/PATH of a socket, or an http:// URL";

    void refuse(const std::string& message, CustomRouter& out) {
        problems_.error(member_.value.at, member_.key, message);
        out = CustomRouter{.budget = out.budget};
    }

    void socket(std::string path, CustomRouter& out) {
        while (path.starts_with("//"))
            path.erase(0, 1);
        if (!path.starts_with('/')) {
            return refuse("expected unix:/PATH with the absolute path of a socket", out);
        }
        constexpr std::size_t longest = 107;  // sun_path
        if (path.size() > longest) return refuse("the socket's path is too long", out);
        out.kind = CustomRouter::Kind::unix_socket;
        out.path = std::move(path);
    }

    void url(const std::string& text, CustomRouter& out) {
        Result<Url> url = parse_url(text);
        if (!url) return refuse(url.error().detail, out);
        if (url->tls()) {
            return refuse(
                "a custom router is asked by http://, over loopback or a private network; put a "
                "local forwarder before one that needs https://",
                out);
        }
        if (!url->userinfo.empty()) return refuse("a user or password cannot be sent", out);
        out.kind = CustomRouter::Kind::http;
        out.url = std::move(*url);
    }

    void javascript(CustomRouter& out) {
        std::error_code code;
        if (!std::filesystem::is_regular_file(out.path, code)) {
            return refuse("cannot read " + out.path, out);
        }
        std::string node = find_program("node", lookup_);
        if (node.empty()) {
            return refuse(
                "a JavaScript router needs node, which is not in PATH; install Node.js, or set "
                "CUSTOM_ROUTER to an executable, " +
                    std::string(other_forms),
                out);
        }
        out.kind = CustomRouter::Kind::javascript;
        out.node = std::move(node);
    }

    const Member& member_;
    const Lookup& lookup_;
    const std::string& file_;
    Problems& problems_;
};

const Member* given(const Value& root, std::string_view key) {
    const Member* member = get(root, key);
    return member == nullptr || trim(member->value.text).empty() ? nullptr : member;
}

}  // namespace

void build_custom_router(const Value& root, const Lookup& lookup, const std::string& file,
                         CustomRouter& out, Problems& problems) {
    if (const auto budget = get_number(root, "customRouterTimeoutMs")) {
        out.budget = Millis(static_cast<Millis::rep>(*budget));
    }
    const Member* hook = given(root, "CUSTOM_ROUTER");
    const Member* path = given(root, "CUSTOM_ROUTER_PATH");
    if (hook != nullptr && path != nullptr) {
        problems.warning(path->key_at, "CUSTOM_ROUTER_PATH",
                         "ignored, because CUSTOM_ROUTER at line " +
                             std::to_string(hook->key_at.line) + " is set");
    }
    if (hook == nullptr) hook = path;
    if (hook != nullptr) HookReader(*hook, lookup, file, problems).read(out);
}

}  // namespace ccr::config
