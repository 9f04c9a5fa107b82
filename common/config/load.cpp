// SPDX-License-Identifier: MIT
#include "common/config/load.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/config/build.hpp"
#include "common/config/build_dispatch.hpp"

namespace ccr::config {
namespace {

struct Outcome {
    std::shared_ptr<Config> config;
    bool has_literal_key = false;
    json5::Value written = {};
    json5::Value resolved = {};
};

Outcome build(std::string_view text, const std::string& filename, const Lookup& lookup,
              Problems& problems) {
    json5::Parsed parsed = json5::parse(text);
    for (json5::SyntaxError& error : parsed.errors) {
        problems.error(error.at, "", std::move(error.message));
    }
    if (!parsed.errors.empty()) return {};
    json5::Value& root = parsed.root;
    if (!root.is_object()) {
        problems.error(root.at, "",
                       "expected an object, found " + std::string(json5::type_name(root.type)));
        return {};
    }
    auto config = std::make_shared<Config>();
    config->source = filename;
    json5::Value written = root;
    Prepared prepared = prepare(root, lookup, problems);
    config->extra = std::move(prepared.extra);
    build_general(root, lookup, *config, problems);
    build_dispatch(root, config->dispatch, problems);
    build_web_search(root, config->web_search, problems);
    build_providers(root, *config, problems);
    build_pricing(root, *config, problems);
    build_router(root, *config, problems);
    return {std::move(config), prepared.has_literal_key, std::move(written), std::move(root)};
}

Loaded finish(Outcome outcome, Problems& problems) {
    if (problems.any_error()) outcome.config = nullptr;
    return {std::move(outcome.config), problems.take(), std::move(outcome.written),
            std::move(outcome.resolved)};
}

// Others may read the keys in the file. A group is left alone where the file is root's: that is how
// a package shares it with its service user.
void check_mode(const std::string& path, Problems& problems) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    const bool world = (info.st_mode & S_IROTH) != 0;
    const bool group = (info.st_mode & S_IRGRP) != 0 && info.st_uid != 0;
    if (!world && !group) return;
    problems.warning({}, "", "holds keys and can be read by other users; run: chmod 600 " + path);
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& filename, const Lookup& lookup) {
    Problems problems(filename);
    return finish(build(text, filename, lookup, problems), problems);
}

Loaded load_file(const std::string& path, const Lookup& lookup) {
    Problems problems(path);
    struct stat info {};
    const bool there = ::stat(path.c_str(), &info) == 0;
    if (there && S_ISDIR(info.st_mode)) {
        problems.error({}, "", "is a directory, not a configuration file");
        return finish({}, problems);
    }
    std::ifstream file(path, std::ios::binary);
    if (!there || !file) {
        problems.error({}, "", std::string("cannot be read: ") + std::strerror(errno));
        return finish({}, problems);
    }
    std::string text;
    std::array<char, 16384> piece{};
    // One byte more than allowed is enough to know that the file is too large.
    while (text.size() <= json5::max_size && file) {
        file.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad()) {
        problems.error({}, "", "cannot be read completely");
        return finish({}, problems);
    }
    Outcome outcome = build(text, path, lookup, problems);
    if (outcome.has_literal_key) check_mode(path, problems);
    return finish(std::move(outcome), problems);
}

}  // namespace ccr::config
