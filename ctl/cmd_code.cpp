// SPDX-License-Identifier: MIT
// `ccr code`: becomes Claude Code, with the arguments as they were given.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "common/argv.hpp"
#include "common/config/json5.hpp"
#include "common/config/preset.hpp"
#include "common/json.hpp"
#include "common/paths.hpp"
#include "common/text.hpp"
#include "ctl/client_env.hpp"
#include "ctl/commands.hpp"
#include "ctl/files.hpp"
#include "ctl/print.hpp"
#include "ctl/programs.hpp"

namespace ccr::ctl {
namespace {

using json5::Value;

// The file as it stands; an empty object if it cannot be read.
Value tree_of(const std::string& path) {
    const Result<std::string> text = read_file(path, json5::max_size);
    return text ? json5::parse(*text).root : Value{};
}

bool status_line_wanted(const Value& tree) {
    const Value* line = tree.find("StatusLine");
    const Value* enabled = line == nullptr ? nullptr : line->find("enabled");
    return enabled != nullptr && enabled->boolean;
}

// The word in single quotes, for the shell that the client runs its status line with.
std::string shell_word(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

Value text_value(std::string text) {
    return {.type = json5::Type::string, .text = std::move(text)};
}

Value status_line(const std::string& preset) {
    std::string command = shell_word(own_program()) + " statusline";
    if (!preset.empty()) command += " " + shell_word(preset);
    Value padding{.type = json5::Type::number, .text = "0"};
    return {.type = json5::Type::object,
            .members = {{"type", {}, text_value("command")},
                        {"command", {}, text_value(std::move(command))},
                        {"padding", {}, std::move(padding)}}};
}

// What the client gets by --settings; empty: nothing.
std::string client_settings(const Value& config, const Value& manifest, const std::string& preset) {
    Value out{.type = json5::Type::object};
    if (const Value* own = manifest.find("claudeCodeSettings"); own != nullptr && own->is_object())
        out = *own;
    const bool wanted = status_line_wanted(manifest.find("StatusLine") ? manifest : config);
    if (wanted && out.find("statusLine") == nullptr)
        out.members.push_back({"statusLine", {}, status_line(preset)});
    return out.members.empty() ? std::string() : json5::to_json(out);
}

bool names_settings(const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return word == "--settings" || word.starts_with("--settings=");
    });
}

std::string find_client(const Config& config) {
    if (!config.claude_path.empty()) return find_program(config.claude_path);
    return find_program(paths::environment("CLAUDE_PATH").value_or("claude"));
}

int no_client(const Config& config) {
    std::string named = config.claude_path;
    if (named.empty()) named = paths::environment("CLAUDE_PATH").value_or("");
    if (!named.empty() && named != "claude") {
        return complain(exit_unavailable, "CLAUDE_PATH names " + named +
                                              ", which is no program here; correct it or take it "
                                              "out to use claude from PATH");
    }
    return complain(exit_unavailable,
                    "Claude Code is not installed: there is no claude on PATH. Install it with "
                    "\"npm install -g @anthropic-ai/claude-code\", or name its program by "
                    "CLAUDE_PATH in the configuration");
}

void apply(const ClientEnvironment& environment) {
    for (const auto& [name, value] : environment.set)
        ::setenv(name.c_str(), value.c_str(), 1);
    for (const std::string& name : environment.unset)
        ::unsetenv(name.c_str());
}

// Without a terminal nobody answers questions: reading gives the end of the input.
void leave_terminal() {
    if (::isatty(STDIN_FILENO) != 1) return;
    const int null = ::open("/dev/null", O_RDONLY);
    if (null < 0) return;
    ::dup2(null, STDIN_FILENO);
    ::close(null);
}

int become(const std::string& program, std::vector<std::string> words) {
    words.insert(words.begin(), program);
    const auto argv = argv_of(words);
    std::signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored
    ::execv(program.c_str(), argv.data());
    return complain(exit_unavailable, program + " cannot be run: " + reason(errno));
}

// By `ccr start`, which knows whose unit there is; what it says goes to standard error, so that the
// client's output stays its own.
int start_router(const Arguments& arguments, const std::string& config) {
    remark("the router is not running; starting it");
    std::vector<std::string> words{own_program(), "start"};
    if (arguments.has("system")) words.emplace_back("--system");
    if (arguments.has("user")) words.emplace_back("--user");
    if (arguments.has("control")) words.insert(words.end(), {"--control", arguments.control()});
    if (arguments.has("config")) words.insert(words.end(), {"--config", config});
    const Result<Ran> ran = run_program(words, "", Millis(60'000));
    if (!ran) return complain(exit_failure, ran.error().detail);
    if (ran->code == exit_ok) return exit_ok;
    const std::string_view why = trim(ran->error);
    if (!why.empty()) std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
    return complain(ran->code, "the client was not started, because the router is not running");
}

std::string manifest_path(const std::string& config, const std::string& preset) {
    const auto slash = config.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : config.substr(0, slash);
    return directory + "/presets/" + preset + "/manifest.json";
}

// Of a preset whose client is to go to the provider by itself.
Result<ClientEnvironment> without_router(const Settings& settings, const std::string& preset) {
    const std::string path = manifest_path(settings.path, preset);
    const Result<std::string> text = read_file(path, config::max_manifest);
    if (!text) return text.error();
    const config::LoadedPreset loaded =
        config::load_manifest(*text, path, *settings.config, lenient_lookup());
    if (loaded.preset.config != nullptr) return direct_environment(*loaded.preset.config);
    const auto error = std::find_if(
        loaded.problems.begin(), loaded.problems.end(),
        [](const config::Problem& problem) { return problem.severity == config::Severity::error; });
    return Error{ErrorKind::config,
                 error == loaded.problems.end() ? path + ": cannot be used" : format(*error)};
}

int run_client(const Arguments& arguments, const std::string& preset, const Value& manifest) {
    Router router = find_router(arguments);
    if (!router.settings.ok()) return complain_about(router.settings);
    const Config& config = *router.settings.config;
    const std::string program = find_client(config);
    if (program.empty()) return no_client(config);
    const Value* alone = manifest.find("noServer");
    const bool direct = alone != nullptr && alone->boolean;
    if (!direct && !router.running && !router.hidden) {
        if (const int code = start_router(arguments, router.settings.path); code != exit_ok)
            return code;
        if (router.url.empty() && config.server.port == 0) router = find_router(arguments);
    }
    const auto environment =
        direct ? without_router(router.settings, preset) : client_environment(router, preset);
    if (!environment) return complain(exit_config, environment.error().detail);
    apply(*environment);
    std::vector<std::string> words = arguments.operands;
    const std::string settings = client_settings(tree_of(router.settings.path), manifest, preset);
    if (!settings.empty() && !names_settings(words))
        words.insert(words.begin(), {"--settings", settings});
    if (config.non_interactive) leave_terminal();
    return become(program, std::move(words));
}

}  // namespace

int code(const Arguments& arguments) {
    return run_client(arguments, "", Value{});
}

bool is_preset(const Arguments& arguments, const std::string& word) {
    return config::preset_name(word) &&
           ::access(manifest_path(config_file(arguments), word).c_str(), R_OK) == 0;
}

int code_with_preset(const Arguments& arguments, const std::string& preset) {
    return run_client(arguments, preset, tree_of(manifest_path(config_file(arguments), preset)));
}

}  // namespace ccr::ctl
