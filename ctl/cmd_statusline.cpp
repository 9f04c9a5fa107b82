// SPDX-License-Identifier: MIT
// `ccr statusline`: what Claude Code runs to fill the line below its prompt. It runs often and must
// never disturb its user: it always succeeds, with a plainer line where something is amiss.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "common/config/load.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"
#include "ctl/settings.hpp"
#include "ctl/status_line.hpp"

namespace ccr::ctl {
namespace {

constexpr std::size_t longest_input = std::size_t{1} << 20U;
constexpr off_t transcript_tail = off_t{256} << 10;

// The end of a regular file; nothing of anything else, which might make the reader wait.
std::string tail_of(const std::string& path, off_t most) {
    const int fd = path.empty() ? -1 : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return {};
    struct stat info {};
    std::string out;
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        const off_t size = std::min(info.st_size, most);
        out.resize(static_cast<std::size_t>(size));
        const ssize_t n = ::pread(fd, out.data(), out.size(), info.st_size - size);
        out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    ::close(fd);
    return out;
}

// From the nearest .git above, without starting git.
std::string branch_of(std::string directory) {
    constexpr int deepest = 64;
    for (int i = 0; i < deepest && directory.starts_with('/'); ++i) {
        std::string git = directory;
        git += "/.git";
        std::string head = tail_of(git + "/HEAD", 4096);
        if (head.empty()) {
            // A worktree's .git is a file that names the directory.
            std::string link(trim(tail_of(git, 4096)));
            if (link.starts_with("gitdir: ")) head = tail_of(link.substr(8) + "/HEAD", 4096);
        }
        const std::string_view name = trim(head);
        constexpr std::string_view branch = "ref: refs/heads/";
        if (name.starts_with(branch)) return std::string(name.substr(branch.size()));
        if (!name.empty()) return std::string(name.substr(0, 7));
        directory.resize(directory.rfind('/'));
    }
    return {};
}

json5::Value tree_of(const std::string& path) {
    const std::string text = tail_of(path, static_cast<off_t>(json5::max_size));
    json5::Parsed parsed = json5::parse(text);
    return parsed.errors.empty() ? std::move(parsed.root) : json5::Value{};
}

bool icons() {
    const std::string term = paths::environment("TERM").value_or("unknown");
    return paths::environment("USE_SIMPLE_ICONS").value_or("") != "true" && term != "dumb" &&
           term != "unknown";
}

std::string line_for(const Arguments& arguments, std::string_view input) {
    Facts facts = facts_of(input);
    if (facts.empty()) return "ccr";
    const std::string path = config_file(arguments);
    const json5::Value config = tree_of(path);
    const std::string preset = arguments.operand(0);
    const bool named = config::preset_name(preset);
    const json5::Value manifest =
        named
            ? tree_of(path.substr(0, path.rfind('/') + 1) + "presets/" + preset + "/manifest.json")
            : json5::Value{};
    add_transcript(facts, tail_of(facts["transcriptPath"], transcript_tail));
    add_target(facts, manifest.find("Providers") != nullptr ? manifest : config);
    facts["gitBranch"] = branch_of(facts["workDir"]);
    const json5::Value* style = manifest.find("StatusLine");
    if (style == nullptr) style = config.find("StatusLine");
    const bool colour = !paths::environment("NO_COLOR");
    std::string line = render_line(line_style(style, icons()), facts, colour);
    return line.empty() ? harmless(facts["model"]) : line;
}

}  // namespace

int statusline(const Arguments& arguments) {
    const Result<std::string> input = read_file("-", longest_input);
    out((input ? line_for(arguments, *input) : std::string("ccr")) + "\n");
    return exit_ok;
}

}  // namespace ccr::ctl
