// SPDX-License-Identifier: MIT
#include "ctl/package.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "common/text.hpp"
#include "common/utf8.hpp"
#include "ctl/files.hpp"

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;
using Files = std::vector<PackageFile>;

Error refused(const std::string& where, std::string why) {
    return Error{ErrorKind::io, where + ": " + std::move(why)};
}

std::string shown(std::string_view name) {
    std::string out(name.substr(0, 80));
    for (char& c : out) {
        if (c < 0x20 || c > 0x7E) c = '?';
    }
    return "\"" + out + "\"";
}

// Keeps count of what a package brings.
class Collector {
  public:
    explicit Collector(std::string where) : where_(std::move(where)) {}

    Result<PackageFile*> begin(std::string_view name) {
        PackageFile file{safe_path(name), ""};
        if (file.path.empty())
            return refused(where_, "holds a file whose name leads elsewhere: " + shown(name));
        if (files_.size() >= max_package_files)
            return refused(where_,
                           "holds more than " + std::to_string(max_package_files) + " files");
        const bool twice = std::any_of(files_.begin(), files_.end(), [&file](const auto& other) {
            return other.path == file.path;
        });
        if (twice) return refused(where_, "holds " + shown(name) + " twice");
        files_.push_back(std::move(file));
        return &files_.back();
    }

    Result<void> add(PackageFile& file, std::string_view piece) {
        bytes_ += piece.size();
        if (bytes_ > max_package_bytes)
            return refused(where_, "is larger than " + std::to_string(max_package_bytes >> 20U) +
                                       " MiB when unpacked");
        file.text.append(piece);
        return {};
    }

    // Without the one directory that everything may stand in.
    Files take() {
        const bool top = std::any_of(files_.begin(), files_.end(), [](const PackageFile& file) {
            return file.path == "manifest.json";
        });
        const std::string first = files_.empty() ? "" : files_.front().path;
        const std::string root = first.substr(0, first.find('/') + 1);
        const bool shared =
            !root.empty() && std::all_of(files_.begin(), files_.end(), [&root](const auto& file) {
                return file.path.starts_with(root);
            });
        if (!top && shared) {
            for (PackageFile& file : files_)
                file.path.erase(0, root.size());
        }
        return std::move(files_);
    }

  private:
    std::string where_;
    Files files_;
    std::size_t bytes_ = 0;
};

Result<Files> read_directory(const std::string& path) {
    Collector files(path);
    std::error_code code;
    fs::recursive_directory_iterator each(path, code);  // does not follow links
    for (; !code && each != fs::recursive_directory_iterator(); each.increment(code)) {
        const fs::path relative = each->path().lexically_relative(path);
        const fs::file_status status = each->symlink_status(code);
        if (fs::is_directory(status)) continue;
        if (!fs::is_regular_file(status))
            return refused(path, shown(relative.string()) + " is no regular file");
        Result<PackageFile*> file = files.begin(relative.string());
        if (!file) return file.error();
        const Result<std::string> text = read_file(each->path().string(), max_package_bytes);
        if (!text) return text.error();
        if (Result<void> added = files.add(**file, *text); !added) return added.error();
    }
    if (code) return refused(path, code.message());
    return files.take();
}

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

std::string message_of(archive* from) {
    const char* text = archive_error_string(from);
    return text == nullptr ? "it is damaged" : text;
}

Result<void> read_entry(archive* from, archive_entry* entry, const std::string& where,
                        Collector& files) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) return refused(where, "holds a file without a name");
    if (archive_entry_filetype(entry) == AE_IFDIR) return {};
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
        return refused(where, "holds " + shown(name) + ", which is no regular file");
    Result<PackageFile*> file = files.begin(name);
    if (!file) return file.error();
    std::array<char, 65536> piece;
    for (;;) {
        const la_ssize_t n = archive_read_data(from, piece.data(), piece.size());
        if (n == 0) return {};
        if (n < 0) return refused(where, message_of(from));
        Result<void> added = files.add(**file, {piece.data(), static_cast<std::size_t>(n)});
        if (!added) return added;
    }
}

Result<Files> read_archive(const std::string& path) {
    const Result<std::string> text = read_file(path, max_package_bytes);
    if (!text) return text.error();
    const Reader reader(archive_read_new(), &archive_read_free);
    archive_read_support_format_zip(reader.get());
    archive_read_support_format_tar(reader.get());
    archive_read_support_filter_gzip(reader.get());
    if (archive_read_open_memory(reader.get(), text->data(), text->size()) != ARCHIVE_OK)
        return refused(path, message_of(reader.get()));
    Collector files(path);
    archive_entry* entry = nullptr;
    for (;;) {
        const int state = archive_read_next_header(reader.get(), &entry);
        if (state == ARCHIVE_EOF) return files.take();
        if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
            return refused(path, message_of(reader.get()));
        Result<void> read = read_entry(reader.get(), entry, path, files);
        if (!read) return read.error();
    }
}

using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;

bool write_entry(archive* to, const PackageFile& file) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              &archive_entry_free);
    archive_entry_set_pathname(entry.get(), file.path.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.text.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    return archive_write_header(to, entry.get()) == ARCHIVE_OK &&
           archive_write_data(to, file.text.data(), file.text.size()) ==
               static_cast<la_ssize_t>(file.text.size());
}

}  // namespace

std::string safe_path(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.size() > 512 || !utf8::valid(name)) return {};
    // A backslash and a drive are ways out on other systems.
    if (name.find('\\') != std::string_view::npos || name.substr(1, 1) == ":") return {};
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return {};
    }
    std::string out;
    while (!name.empty()) {
        const auto slash = name.find('/');
        const std::string_view part = name.substr(0, slash);
        name.remove_prefix(slash == std::string_view::npos ? name.size() : slash + 1);
        if (part == "..") return {};
        if (part.empty() || part == ".") continue;
        if (!out.empty()) out += '/';
        out += part;
    }
    return out;
}

bool is_archive(std::string_view path) {
    constexpr std::array<std::string_view, 4> endings{".zip", ".tar", ".tar.gz", ".tgz"};
    const std::string name = lower(path);
    return std::any_of(endings.begin(), endings.end(),
                       [&name](std::string_view ending) { return name.ends_with(ending); });
}

Result<Files> read_package(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return refused(path, reason(errno));
    if (S_ISDIR(info.st_mode)) return read_directory(path);
    if (is_archive(path)) return read_archive(path);
    return refused(path, "is neither a directory nor a .zip, .tar, .tar.gz or .tgz");
}

Result<void> write_directory(const std::string& path, const Files& files) {
    if (::mkdir(path.c_str(), 0700) != 0) return refused(path, reason(errno));
    for (const PackageFile& file : files) {
        Result<void> written = replace_file(path + "/" + file.path, file.text);
        if (!written) return written;
    }
    return {};
}

Result<void> write_archive(const std::string& path, const Files& files) {
    const Writer writer(archive_write_new(), &archive_write_free);
    if (lower(path).ends_with(".zip")) {
        archive_write_set_format_zip(writer.get());
    } else {
        archive_write_set_format_pax_restricted(writer.get());
        if (!lower(path).ends_with(".tar")) archive_write_add_filter_gzip(writer.get());
    }
    std::vector<char> buffer(max_package_bytes + (std::size_t{1} << 20U));
    std::size_t used = 0;
    bool good =
        archive_write_open_memory(writer.get(), buffer.data(), buffer.size(), &used) == ARCHIVE_OK;
    for (const PackageFile& file : files)
        good = good && write_entry(writer.get(), file);
    if (!good || archive_write_close(writer.get()) != ARCHIVE_OK)
        return refused(path, message_of(writer.get()));
    return replace_file(path, {buffer.data(), used}, 0644);
}

}  // namespace ccr::ctl
