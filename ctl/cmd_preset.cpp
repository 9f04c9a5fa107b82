// SPDX-License-Identifier: MIT
// `ccr preset`: named configurations beside the main one.
#include <unistd.h>

#include <algorithm>

#include "common/config/mask.hpp"
#include "common/config/tree_edit.hpp"
#include "common/json.hpp"
#include "common/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/files.hpp"
#include "ctl/preset_store.hpp"
#include "ctl/print.hpp"

namespace ccr::ctl {
namespace {

using config::Problem;
using config::Severity;

int failed(const Error& error) {
    return complain(error.kind == ErrorKind::config ? exit_config : exit_code_of(error),
                    error.detail);
}

int no_such(const std::string& name, const std::string& config) {
    return complain(exit_failure, "there is no preset " + harmless(name) + " in " +
                                      presets_directory(config) +
                                      "; ccr preset list shows what there is");
}

std::string shown_name(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '-');
    return text;
}

void write(json::Writer& writer, const config::Preset& preset) {
    writer.begin_object();
    writer.key("id").string(preset.id);
    writer.key("name").string(preset.name);
    writer.key("version").string(preset.version);
    writer.key("description").string(preset.description);
    writer.key("author").string(preset.author);
    writer.key("path").string("/preset/" + preset.id);
    writer.key("default").string(preset.config->router.default_target.empty()
                                     ? ""
                                     : preset.config->router.default_target.text());
    writer.end_object();
}

config::Presets presets_of(const Settings& settings) {
    const std::string directory = presets_directory(settings.path);
    return config::load_presets(directory.substr(0, directory.rfind('/')), settings.config,
                                lenient_lookup());
}

// "ID=VALUE" words, each into the manifest. 0: all went well.
int take_values(Manifest& manifest, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        const auto equals = word.find('=');
        const std::string id = word.substr(0, equals);
        if (equals == std::string::npos || id.empty())
            return complain(exit_usage, "--set wants ID=VALUE");
        if (!manifest.has_field(id))
            return complain(exit_usage, "the preset has no field " + harmless(id));
        std::string value = word.substr(equals + 1);
        if (manifest.secret(id) && !config::only_reference(value)) {
            return complain(exit_usage, harmless(id) +
                                            " is a secret, and other users can see a command "
                                            "line; it is asked for, or give --set '" +
                                            harmless(id) + "=${NAME}' after ccr key add NAME");
        }
        if (Result<void> set = manifest.set(id, value); !set) return failed(set.error());
    }
    return exit_ok;
}

std::string prompt_for(const MissingValue& value) {
    std::string prompt = harmless(value.label);
    for (std::size_t i = 0; i < value.choices.size(); ++i)
        prompt += (i == 0 ? " (" : ", ") + harmless(value.choices[i]);
    if (!value.choices.empty()) prompt += ")";
    return prompt + (value.secret ? " (not shown): " : ": ");
}

// What is still missing is asked for; where nobody can be asked it is named.
int ask_for_values(Manifest& manifest, const Config& main) {
    constexpr int rounds = 64;  // a value may make others necessary
    for (int round = 0; round < rounds; ++round) {
        const std::vector<MissingValue> missing = manifest.missing(main);
        if (missing.empty()) return exit_ok;
        if (!can_ask()) {
            std::string text = "the preset needs more: ";
            for (const MissingValue& value : missing)
                text += (value.id == missing.front().id ? "" : ", ") + harmless(value.id);
            return complain(exit_usage, text +
                                            "; give each by --set ID=VALUE, a secret as "
                                            "--set 'ID=${NAME}' after ccr key add NAME");
        }
        for (const MissingValue& value : missing) {
            const auto answer = ask(prompt_for(value), value.secret);
            if (!answer) return complain(exit_failure, "nothing was installed");
            if (Result<void> set = manifest.set(value.id, *answer); !set)
                return failed(set.error());
        }
    }
    return complain(exit_config, "the preset asks for ever more values");
}

// By --name, else as the manifest calls it, else as the source is called.
std::string name_for(const Arguments& arguments, const Manifest& manifest,
                     const std::string& source) {
    if (const auto given = arguments.value("name")) return *given;
    if (std::string own = manifest.name(); config::preset_name(own)) return own;
    std::string stem = source;
    while (stem.size() > 1 && stem.ends_with('/'))
        stem.pop_back();
    stem = stem.substr(stem.rfind('/') + 1);
    for (const std::string_view ending : {".tar.gz", ".tgz", ".tar", ".zip"}) {
        if (lower(stem).ends_with(ending)) stem.resize(stem.size() - ending.size());
    }
    return stem;
}

// False: an error is among them, which is printed.
bool acceptable(const Manifest& manifest, const Config& main) {
    bool good = true;
    for (const Problem& problem : manifest.problems(main)) {
        remark(harmless(format(problem)));
        good = good && problem.severity != Severity::error;
    }
    return good;
}

// A preset that is there already may be given again by its name, to have its values asked anew.
std::string source_of(const Arguments& arguments, const std::string& config) {
    std::string source = arguments.operand(0);
    const std::string installed = presets_directory(config) + "/" + source;
    const bool here = ::access(source.c_str(), F_OK) == 0;
    return !here && config::preset_name(source) && ::access(installed.c_str(), F_OK) == 0
               ? installed
               : source;
}

}  // namespace

int preset_list(const Arguments& arguments) {
    const Settings settings = load_settings(config_file(arguments));
    if (!settings.ok()) return complain_about(settings);
    const config::Presets presets = presets_of(settings);
    for (const Problem& problem : presets.problems)
        remark(harmless(format(problem)));
    if (arguments.json()) {
        std::string text;
        json::Writer writer(text);
        writer.begin_object();
        writer.key("presets").begin_array();
        for (const config::Preset& preset : presets.list)
            write(writer, preset);
        writer.end_array();
        writer.end_object();
        out(text + "\n");
        return exit_ok;
    }
    Table table({{"PRESET"}, {"VERSION"}, {"DEFAULT"}, {"DESCRIPTION"}});
    for (const config::Preset& preset : presets.list) {
        const config::TargetRef& target = preset.config->router.default_target;
        table.row({{preset.id},
                   {harmless(preset.version)},
                   {target.empty() ? "" : harmless(target.text())},
                   {harmless(preset.description)}});
    }
    if (table.empty()) {
        remark("there are no presets in " + presets_directory(settings.path));
    } else {
        out(table.text(terminal()));
    }
    return exit_ok;
}

int preset_show(const Arguments& arguments) {
    const std::string config = config_file(arguments);
    const std::string name = arguments.operand(0);
    if (!config::preset_name(name)) return no_such(name, config);
    const std::string path = presets_directory(config) + "/" + name + "/manifest.json";
    if (::access(path.c_str(), F_OK) != 0) return no_such(name, config);
    const Result<std::string> text = read_file(path, config::max_manifest);
    if (!text) return failed(text.error());
    json5::Parsed parsed = json5::parse(*text);
    if (!parsed.errors.empty())
        return complain(exit_config, path + " is damaged: " + parsed.errors[0].message);
    config::mask_secrets(parsed.root);
    // Values of fields that hide what is typed are secrets under whatever name.
    auto manifest = Manifest::parse(*text, path);
    for (json5::Member& member : parsed.root.members) {
        if (member.key != "userValues") continue;
        for (json5::Member& value : member.value.members) {
            if (manifest->secret(value.key) && !config::only_reference(value.value.text))
                value.value = {.type = json5::Type::string, .text = std::string(config::masked)};
        }
    }
    out(arguments.json() ? json5::to_json(parsed.root) + "\n"
                         : config::to_pretty_json(parsed.root));
    return exit_ok;
}

int preset_install(const Arguments& arguments) {
    const Settings settings = load_settings(config_file(arguments));
    if (!settings.ok()) return complain_about(settings);
    const std::string source = source_of(arguments, settings.path);
    if (source.find("://") != std::string::npos)
        return complain(exit_usage,
                        "presets are not fetched from the network; download it first "
                        "and give the file");
    auto files = read_package(source);
    if (!files) return failed(files.error());
    const auto found = std::find_if(files->begin(), files->end(), [](const PackageFile& file) {
        return file.path == "manifest.json";
    });
    if (found == files->end())
        return complain(exit_config, source + " has no manifest.json, so that it is no preset");
    auto manifest = Manifest::parse(found->text, source + "/manifest.json");
    if (!manifest) return failed(manifest.error());
    const std::string name = name_for(arguments, *manifest, source);
    if (!config::preset_name(name))
        return complain(exit_usage, harmless(name) + ": " + std::string(config::preset_name_rule) +
                                        "; choose one by --name");
    const bool again = source == presets_directory(settings.path) + "/" + name;
    const bool there = ::access((presets_directory(settings.path) + "/" + name).c_str(), F_OK) == 0;
    if (there && !again && !arguments.has("force"))
        return complain(exit_failure,
                        "there is a preset " + name + " already; give --force to replace it");
    if (const int code = take_values(*manifest, arguments.values("set")); code != exit_ok)
        return code;
    if (const int code = ask_for_values(*manifest, *settings.config); code != exit_ok) return code;
    if (!acceptable(*manifest, *settings.config))
        return complain(exit_config, "nothing was installed");
    found->text = manifest->text();
    const Result<void> installed = install_preset(settings.path, name, *files, true);
    if (!installed) return failed(installed.error());
    out("preset " + name + " is installed; use it by: ccr " + name + "\n");
    remark("a running router learns it by: ccr reload");
    return exit_ok;
}

int preset_delete(const Arguments& arguments) {
    const std::string config = config_file(arguments);
    const std::string name = arguments.operand(0);
    if (!config::preset_name(name)) return no_such(name, config);
    const Result<bool> deleted = delete_preset(config, name);
    if (!deleted) return failed(deleted.error());
    if (!*deleted) return no_such(name, config);
    out("preset " + name + " is deleted\n");
    return exit_ok;
}

int preset_export(const Arguments& arguments) {
    const std::string config = config_file(arguments);
    const std::string name = arguments.operand(0);
    if (!config::preset_name(name))
        return complain(exit_usage, harmless(name) + ": " + std::string(config::preset_name_rule));
    const Result<std::string> text = read_file(config, json5::max_size);
    if (!text) return failed(text.error());
    const json5::Parsed parsed = json5::parse(*text);
    if (!parsed.errors.empty()) return complain_about(load_settings(config));
    std::vector<std::pair<std::string, std::string>> metadata{
        {"name", name}, {"version", arguments.value("version").value_or("1.0.0")}};
    for (const char* word : {"description", "author"}) {
        if (const auto value = arguments.value(word))
            metadata.emplace_back(word, shown_name(*value));
    }
    const ExportedPreset exported = export_preset(parsed.root, metadata);
    const std::vector<PackageFile> files{{"manifest.json", exported.manifest}};
    const std::string target =
        arguments.value("output").value_or(presets_directory(config) + "/" + name);
    if (::access(target.c_str(), F_OK) == 0)
        return complain(exit_failure, target + " exists; remove it, or choose another --output");
    Result<void> made;
    if (!is_archive(target)) {
        const auto slash = target.rfind('/');
        if (slash != std::string::npos && slash > 0)
            made = make_directories(target.substr(0, slash));
    }
    if (made)
        made = is_archive(target) ? write_archive(target, files) : write_directory(target, files);
    if (!made) return failed(made.error());
    out(target + "\n");
    for (const std::string& field : exported.fields)
        remark("a secret was left out; whoever installs the preset is asked for " + field);
    return exit_ok;
}

}  // namespace ccr::ctl
