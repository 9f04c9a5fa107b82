// SPDX-License-Identifier: MIT
// A vocabulary's file, mapped: its pages belong to the page cache, are read when touched, and are
// shared by all processes that map it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/tokens/vocabulary.hpp"

namespace ccr::proxy {

class RankFile {
  public:
    // The first of `folders` that has `name`.
    [[nodiscard]] static Result<std::unique_ptr<RankFile>> open(
        const std::vector<std::string>& folders, const std::string& name);
    RankFile(const RankFile&) = delete;
    RankFile& operator=(const RankFile&) = delete;
    ~RankFile();

    [[nodiscard]] const tokens::Vocabulary& vocabulary() const { return *vocabulary_; }

  private:
    RankFile(void* address, std::size_t size) : address_(address), size_(size) {}

    void* address_;
    std::size_t size_;
    std::unique_ptr<tokens::Vocabulary> vocabulary_;
};

// Where the files are looked for: ../share/ccr/tokens from the program (an installation that was
// moved, a build tree), then the data folder that the build was configured with.
[[nodiscard]] std::vector<std::string> rank_folders();

}  // namespace ccr::proxy
