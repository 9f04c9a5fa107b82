// SPDX-License-Identifier: MIT
#include "ctl/package.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ccr::ctl {
namespace {

namespace fs = std::filesystem;

class Package : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "ccr-package-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { fs::remove_all(directory_); }

    struct Member {
        std::string name;
        std::string text = "x";
        mode_t type = AE_IFREG;
        std::string link = {};
    };
    std::string archive_of(const std::vector<Member>& members,
                           const std::string& name = "a.tar.gz") {
        const std::string path = (directory_ / name).string();
        archive* to = archive_write_new();
        if (name.ends_with(".zip")) {
            archive_write_set_format_zip(to);
        } else {
            archive_write_set_format_pax_restricted(to);
            archive_write_add_filter_gzip(to);
        }
        archive_write_open_filename(to, path.c_str());
        for (const Member& member : members) {
            archive_entry* entry = archive_entry_new();
            archive_entry_set_pathname(entry, member.name.c_str());
            archive_entry_set_filetype(entry, member.type);
            archive_entry_set_perm(entry, 0644);
            const bool file = member.type == AE_IFREG && member.link.empty();
            archive_entry_set_size(entry, file ? static_cast<la_int64_t>(member.text.size()) : 0);
            if (member.type == AE_IFLNK) archive_entry_set_symlink(entry, member.link.c_str());
            if (member.type == AE_IFREG && !file)
                archive_entry_set_hardlink(entry, member.link.c_str());
            archive_write_header(to, entry);
            if (file) archive_write_data(to, member.text.data(), member.text.size());
            archive_entry_free(entry);
        }
        archive_write_close(to);
        archive_write_free(to);
        return path;
    }
    std::string refusal(const std::vector<Member>& members, const std::string& name = "a.tar.gz") {
        const auto files = read_package(archive_of(members, name));
        return files ? "taken" : files.error().detail;
    }

    fs::path directory_;
};

TEST_F(Package, ReadsWhatItHasWritten) {
    const std::vector<PackageFile> files{{"manifest.json", "{}"}, {"lib/a.js", "text"}};
    for (const char* name : {"p.zip", "p.tar", "p.tar.gz", "p.tgz"}) {
        const std::string path = (directory_ / name).string();
        ASSERT_TRUE(write_archive(path, files)) << name;
        const auto read = read_package(path);
        ASSERT_TRUE(read) << read.error().detail;
        ASSERT_EQ(read->size(), 2U);
        EXPECT_EQ((*read)[1].path, "lib/a.js");
        EXPECT_EQ((*read)[1].text, "text");
    }
    const std::string target = (directory_ / "d").string();
    ASSERT_TRUE(write_directory(target, files));
    struct stat info {};
    ASSERT_EQ(::stat((target + "/lib/a.js").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600);
    const auto read = read_package(target);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size(), 2U);
}

TEST_F(Package, LeavesTheOneDirectoryAroundEverythingAway) {
    const auto files = read_package(archive_of({{"repo-1/manifest.json"}, {"repo-1/x/y"}}));
    ASSERT_TRUE(files);
    EXPECT_EQ((*files)[0].path, "manifest.json");
    EXPECT_EQ((*files)[1].path, "x/y");
}

TEST_F(Package, RefusesNamesThatLeadOut) {
    for (const char* name : {"../evil", "a/../../evil", "/etc/evil", "a\\..\\evil", "C:/evil"}) {
        EXPECT_NE(refusal({{"manifest.json"}, {name}}).find("name leads elsewhere"),
                  std::string::npos)
            << name;
        EXPECT_NE(refusal({{"manifest.json"}, {name}}, "a.zip").find("name leads elsewhere"),
                  std::string::npos)
            << name;
    }
    EXPECT_FALSE(fs::exists(directory_.parent_path() / "evil"));
    EXPECT_EQ(safe_path("./a//b/."), "a/b");
    EXPECT_EQ(safe_path(std::string_view("a\0b", 3)), "");
    EXPECT_EQ(safe_path("a\nb"), "");
}

TEST_F(Package, RefusesLinksAndDevices) {
    EXPECT_NE(refusal({{"link", "", AE_IFLNK, "/etc/passwd"}}).find("no regular file"),
              std::string::npos);
    EXPECT_NE(refusal({{"manifest.json"}, {"hard", "", AE_IFREG, "manifest.json"}})
                  .find("no regular file"),
              std::string::npos);
    EXPECT_NE(refusal({{"fifo", "", AE_IFIFO}}).find("no regular file"), std::string::npos);
    const fs::path source = directory_ / "source";
    fs::create_directory(source);
    fs::create_symlink("/etc/passwd", source / "manifest.json");
    const auto files = read_package(source.string());
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().detail.find("no regular file"), std::string::npos);
}

TEST_F(Package, IsBounded) {
    std::vector<Member> many;
    for (std::size_t i = 0; i <= max_package_files; ++i)
        many.push_back({"f" + std::to_string(i)});
    EXPECT_NE(refusal(many).find("more than 256 files"), std::string::npos);
    // A few kilobytes that would become far more.
    EXPECT_NE(
        refusal({{"bomb", std::string(max_package_bytes + 1, '0')}}).find("larger than 16 MiB"),
        std::string::npos);
    EXPECT_NE(refusal({{"a"}, {"./a"}}).find("twice"), std::string::npos);
}

TEST_F(Package, RefusesWhatIsNoPackage) {
    std::ofstream(directory_ / "a.zip") << "garbage";
    EXPECT_FALSE(read_package((directory_ / "a.zip").string()));
    std::ofstream(directory_ / "a.txt") << "garbage";
    const auto other = read_package((directory_ / "a.txt").string());
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().detail.find("neither a directory nor"), std::string::npos);
    EXPECT_FALSE(read_package((directory_ / "none").string()));
}

}  // namespace
}  // namespace ccr::ctl
