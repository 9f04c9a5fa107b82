// SPDX-License-Identifier: MIT
// The product's own vocabularies, and the texts of tests/data/tokens.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/tokens/vocabulary.hpp"

namespace ccr::testing {

inline std::string file_contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string token_text(const std::string& name) {
    return file_contents(std::string(CCR_TEST_DATA) + "/tokens/" + name);
}

class RankData {
  public:
    explicit RankData(const std::string& name)
        : file_(file_contents(std::string(CCR_SOURCE_DIR) + "/data/tokens/" + name + ".bin")) {
        auto opened = tokens::Vocabulary::open(file_);
        if (!opened) throw std::runtime_error(opened.error().chain());
        vocabulary_ = std::make_unique<tokens::Vocabulary>(*opened);
    }
    [[nodiscard]] const tokens::Vocabulary& vocabulary() const { return *vocabulary_; }
    [[nodiscard]] std::string_view file() const { return file_; }

  private:
    std::string file_;
    std::unique_ptr<tokens::Vocabulary> vocabulary_;
};

}  // namespace ccr::testing
