// SPDX-License-Identifier: MIT
// `ccr config migrate`: another router's configuration as one of this program's.
#include <unistd.h>

#include "common/config/migrate.hpp"
#include "common/json.hpp"
#include "ctl/commands.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

using config::Migration;
using config::MigrationNote;
using config::Origin;

std::optional<Origin> origin_named(std::string_view name) {
    if (name == "auto") return Origin::automatic;
    if (name == "node-v1") return Origin::node_v1;
    if (name == "node-v2") return Origin::node_v2;
    if (name == "ccr-rust") return Origin::ccr_rust;
    return std::nullopt;
}

std::string line_of(const std::string& file, const MigrationNote& note) {
    std::string line = file;
    if (note.at.line > 0) {
        line += ":" + std::to_string(note.at.line) + ":" + std::to_string(note.at.column);
    }
    line += ": " + std::string(what_name(note.what));
    if (!note.json_path.empty()) line += ": " + note.json_path;
    line += ": " + note.why;
    return note.suggestion.empty() ? line : line + "; " + note.suggestion;
}

std::string as_json(const std::string& file, const Migration& migration) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    writer.key("file").string(file);
    writer.key("from").string(origin_name(migration.origin));
    writer.key("config").string(migration.text);
    writer.key("notes").begin_array();
    for (const MigrationNote& note : migration.notes) {
        writer.begin_object();
        writer.key("what").string(what_name(note.what));
        writer.key("path").string(note.json_path);
        writer.key("line").number(std::int64_t{note.at.line});
        writer.key("column").number(std::int64_t{note.at.column});
        writer.key("why").string(note.why);
        writer.key("suggestion").string(note.suggestion);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return text + "\n";
}

void report(const std::string& file, const Migration& migration) {
    remark(file + " is read as a configuration of " + std::string(origin_name(migration.origin)));
    std::size_t dropped = 0;
    for (const MigrationNote& note : migration.notes) {
        remark(line_of(file, note));
        if (note.what == MigrationNote::What::dropped) ++dropped;
    }
    remark(dropped == 0
               ? std::string("every key could be carried over")
               : std::to_string(dropped) + (dropped == 1 ? " key or value" : " keys or values") +
                     " could not be carried over");
}

// What was there, which may be the file that was read, stays beside it.
int write(const std::string& target, const std::string& text, bool force) {
    if (::access(target.c_str(), F_OK) == 0) {
        if (!force) return complain(exit_failure, target + " exists; give --force to replace it");
        const Result<std::string> kept = keep_old(target);
        if (!kept) return complain(exit_code_of(kept.error()), kept.error().detail);
        remark("the old " + target + " is kept as " + *kept);
    }
    const Result<void> written = replace_file(target, text);
    return written ? exit_ok : complain(exit_code_of(written.error()), written.error().detail);
}

}  // namespace

int config_migrate(const Arguments& arguments) {
    const std::string file = arguments.operand(0);
    const std::string from = arguments.value("from").value_or("auto");
    const std::optional<Origin> origin = origin_named(from);
    if (!origin) {
        return complain(
            exit_usage,
            "config migrate: --from is auto, node-v1, node-v2 or ccr-rust, not " + from);
    }
    const Result<std::string> text = read_file(file, json5::max_size);
    if (!text) return complain(exit_code_of(text.error()), text.error().detail);
    const Migration migration = config::migrate(*text, file, *origin);
    for (const config::Problem& problem : migration.problems)
        remark(format(problem));
    if (migration.text.empty()) return complain(exit_config, file + " cannot be read");
    const std::string target = arguments.value("output").value_or("");
    if (!target.empty()) {
        const int code = write(target, migration.text, arguments.has("force"));
        if (code != exit_ok) return code;
    }
    if (!arguments.json()) report(file, migration);
    if (arguments.json()) {
        out(as_json(file, migration));
    } else if (target.empty()) {
        out(migration.text);
    }
    return exit_ok;
}

}  // namespace ccr::ctl
