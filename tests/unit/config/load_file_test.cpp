// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/config/helpers.hpp"

namespace ccr::config {
namespace {

using Lines = std::vector<std::string>;

class LoadFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "ccr-config-XXXXXX").string();
        const int fd = ::mkstemp(pattern.data());
        ASSERT_GE(fd, 0);
        ::close(fd);
        path_ = pattern;
    }
    void TearDown() override { std::filesystem::remove(path_); }
    Lines load_with(std::string_view text, mode_t mode) {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), mode);
        Lines lines;
        for (const Problem& p : load_file(path_, testing::variables({{"K", "k"}})).problems) {
            lines.push_back(format(p).substr(path_.size()));
        }
        return lines;
    }

    std::string path_;
};

TEST_F(LoadFile, WarnsOfKeysThatOthersCanRead) {
    const Lines warning{": warning: holds keys and can be read by other users; run: chmod 600 " +
                        path_};
    EXPECT_EQ(load_with("{APIKEY:'k'}", 0600), Lines{});
    EXPECT_EQ(load_with("{APIKEY:'k'}", 0644), warning);
    EXPECT_EQ(load_with("{APIKEY:'$K'}", 0644), Lines{});
    EXPECT_EQ(load_with("{APIKEY:''}", 0644), Lines{});
    EXPECT_EQ(load_with("{PROXY_URL:'http://u:p@proxy:1'}", 0644), warning);
    EXPECT_EQ(load_with("{PROXY_URL:'http://proxy:1'}", 0644), Lines{});
    const auto with_header = [](const std::string& name) {
        return "{Providers:[{name:'p',api_base_url:'http://x',headers:{'" + name +
               "':'v'}}],Router:{default:'p,m'}}";
    };
    EXPECT_EQ(load_with(with_header("X-Api-Key"), 0644), warning);
    EXPECT_EQ(load_with(with_header("Authorization"), 0644), warning);
    EXPECT_EQ(load_with(with_header("X-Title"), 0644), Lines{});
    EXPECT_EQ(load_with("{APIKEY:'k'}", 0640), ::getuid() == 0 ? Lines{} : warning);
}

TEST_F(LoadFile, SaysWhyAFileCannotBeRead) {
    const auto only = [](const std::string& path) {
        const Loaded loaded = load_file(path, testing::variables({}));
        EXPECT_FALSE(loaded.ok());
        return loaded.problems.size() == 1 ? format(loaded.problems[0]) : "";
    };
    EXPECT_EQ(only("/no/such/config.json"),
              "/no/such/config.json: error: cannot be read: No such file or directory");
    EXPECT_EQ(only("/tmp"), "/tmp: error: is a directory, not a configuration file");
}

TEST_F(LoadFile, StopsReadingAHugeFile) {
    std::ofstream(path_) << "x";
    std::filesystem::resize_file(path_, std::uintmax_t{1} << 30U);
    const Loaded loaded = load_file(path_, testing::variables({}));
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].message, "file is larger than 16 MiB");
}

}  // namespace
}  // namespace ccr::config
