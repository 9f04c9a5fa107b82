// SPDX-License-Identifier: MIT
// A preset as a set of files: read from a directory or an archive, written to one. What comes from
// outside is bounded and cannot leave its directory: names that lead out, links and devices are
// refused, none is followed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace ccr::ctl {

inline constexpr std::size_t max_package_files = 256;
inline constexpr std::size_t max_package_bytes = std::size_t{16} << 20U;  // of all, unpacked

struct PackageFile {
    std::string path;  // relative, parts separated by '/', none of them "." or ".."
    std::string text;
};

// A directory, or a .zip, .tar, .tar.gz or .tgz. If everything stands in one directory, that one
// is left away. Errors (kind io) name the file.
[[nodiscard]] Result<std::vector<PackageFile>> read_package(const std::string& path);

// The relative path that a name in an archive means, or nothing where it is not harmless.
[[nodiscard]] std::string safe_path(std::string_view name);

// Whether a name is that of an archive.
[[nodiscard]] bool is_archive(std::string_view path);

// Into a new directory; it must not exist. Files are readable by their owner only.
[[nodiscard]] Result<void> write_directory(const std::string& path,
                                           const std::vector<PackageFile>& files);
// As an archive of the kind that its name ends with.
[[nodiscard]] Result<void> write_archive(const std::string& path,
                                         const std::vector<PackageFile>& files);

}  // namespace ccr::ctl
