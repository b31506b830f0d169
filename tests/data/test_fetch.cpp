#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <memory>

#include "core/file.hpp"
#include "core/random.hpp"
#include "data/error_text.hpp"
#include "data/fetch.hpp"
#include "data/http_server.hpp"
#include "data/unpack.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {
namespace fs = std::filesystem;

struct Packed {
  std::string name, content;
  mode_t type = AE_IFREG;
};

std::string make_tar(const std::vector<Packed>& files) {
  std::string out(1 << 20, '\0');
  std::size_t used = 0;
  const std::unique_ptr<archive, int (*)(archive*)> writer(archive_write_new(), archive_write_free);
  archive_write_set_format_ustar(writer.get());
  archive_write_add_filter_gzip(writer.get());
  archive_write_open_memory(writer.get(), out.data(), out.size(), &used);
  for (const Packed& file : files) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), file.name.c_str());
    archive_entry_set_filetype(entry.get(), file.type);
    archive_entry_set_perm(entry.get(), 0644);
    if (file.type == AE_IFLNK) archive_entry_set_symlink(entry.get(), file.content.c_str());
    archive_entry_set_size(entry.get(), file.type == AE_IFREG ? static_cast<la_int64_t>(file.content.size()) : 0);
    archive_write_header(writer.get(), entry.get());
    if (file.type == AE_IFREG) archive_write_data(writer.get(), file.content.data(), file.content.size());
  }
  archive_write_close(writer.get());
  out.resize(used);
  return out;
}

CatalogueEntry entry_for(const std::string& url, const std::string& sha) {
  CatalogueEntry entry;
  entry.name = "demo";
  entry.folder = "demo";
  entry.layout = "x.csv";
  entry.how_to_get = "ask its publisher";
  entry.markers = {"x.csv"};
  entry.files = {{url, sha, true}};
  return entry;
}

class Fetch : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("no_proxy", "127.0.0.1", 1); }
  TempFolder folder_;
};

TEST_F(Fetch, BringsChecksAndUnpacks) {
  const std::string tar = make_tar({{"deep/er/x.csv", "label,v\n"}, {"deep/er/sub/y.txt", "1"}});
  HttpServer server({tar});
  std::int64_t last = 0;
  const fs::path got = fetch(entry_for(server.url("/demo.tar.gz?x=1"), sha256(tar)), folder_.path(),
                             [&](std::int64_t done, std::int64_t) { last = std::max(last, done); });
  EXPECT_EQ(got, folder_.path() / "demo");
  EXPECT_EQ(read_file(got / "x.csv"), "label,v\n");
  EXPECT_EQ(read_file(got / "sub" / "y.txt"), "1");
  EXPECT_EQ(last, static_cast<std::int64_t>(tar.size()));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);  // no scratch left
  fetch(entry_for(server.url("/demo.tar.gz"), sha256(tar)), folder_.path());
  EXPECT_EQ(server.ranges().size(), 1u);  // it was there already
}

TEST_F(Fetch, AWrongChecksumKeepsNothing) {
  HttpServer server({make_tar({{"x.csv", "1"}})});
  const std::string message = message_of([&] { fetch(entry_for(server.url("/d.tgz"), std::string(64, '0')), folder_.path()); });
  EXPECT_NE(message.find("expected " + std::string(64, '0')), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(folder_.path() / "demo"));
  EXPECT_FALSE(fs::exists(folder_.path() / ".download-demo" / "d.tgz.part"));
}

TEST_F(Fetch, ACutConnectionIsTakenUpAgain) {
  const std::string body(200'000, 'q');
  HttpServer server({body, true, 2, 70'000});
  download(server.url("/file"), folder_.path() / "file", sha256(body));
  EXPECT_EQ(read_file(folder_.path() / "file"), body);
  EXPECT_EQ(server.ranges(), (std::vector<std::string>{"", "70000-", "140000-"}));
}

TEST_F(Fetch, ItGoesOnWhereAnEarlierRunStopped) {
  const std::string body(50'000, 'q');
  {
    HttpServer server({body, true, 100, 100});
    const std::string message = message_of([&] { download(server.url("/file"), folder_.path() / "file", ""); });
    EXPECT_NE(message.find("after 400 bytes"), std::string::npos) << message;
  }
  HttpServer server({body});
  download(server.url("/file"), folder_.path() / "file", sha256(body));
  EXPECT_EQ(server.ranges(), std::vector<std::string>{"400-"});
}

TEST_F(Fetch, AServerWithoutRangesIsAskedForTheWhole) {
  const std::string body(50'000, 'q');
  write_file_atomic(folder_.path() / "file.part", "some");
  HttpServer server({body, false});
  download(server.url("/file"), folder_.path() / "file", sha256(body));
  EXPECT_EQ(read_file(folder_.path() / "file"), body);
}

TEST_F(Fetch, ErrorsNameTheAddress) {
  HttpServer server({"", true, 0, 0, 404});
  EXPECT_NE(message_of([&] { download(server.url("/none"), folder_.path() / "f", ""); }).find("HTTP status 404"), std::string::npos);
  EXPECT_NE(message_of([&] { download("file:///etc/hostname", folder_.path() / "g", ""); }).find("cannot download file:///"), std::string::npos);
  CatalogueEntry licensed = entry_for("", "");
  licensed.files.clear();
  EXPECT_NE(message_of([&] { fetch(licensed, folder_.path()); }).find("is not fetched"), std::string::npos);
  EXPECT_EQ(hint_of([&] { fetch(licensed, folder_.path()); }), "ask its publisher");
}

TEST_F(Fetch, AnArchiveWithoutTheDataIsRefused) {
  const std::string tar = make_tar({{"other.txt", "1"}});
  HttpServer server({tar});
  EXPECT_NE(message_of([&] { fetch(entry_for(server.url("/d.tgz"), sha256(tar)), folder_.path()); }).find("lacks x.csv"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_.path() / "demo"));
}

/// While it lives no file of this process may grow beyond `bytes`: a full disk that needs no disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit less = before_;
    less.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &less);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(Fetch, OnAFullDiskThePartIsKeptAndGoneOnWith) {
  Random random(1);
  std::string body(300'000, ' ');
  for (char& c : body) c = static_cast<char>(random.below(256));
  HttpServer server({body});
  const fs::path target = folder_.path() / "file", part = folder_.path() / "file.part";
  std::string message, hint;
  {
    const FullDisk full(100'000);
    message = message_of([&] { download(server.url("/file"), target, sha256(body)); });
    hint = hint_of([&] { download(server.url("/file"), target, sha256(body)); });
  }
  EXPECT_EQ(message.find("cannot write " + part.string() + ": "), 0u) << message;
  EXPECT_EQ(hint, "free some space, then run the same command again; it goes on where it stopped");
  ASSERT_EQ(fs::file_size(part), 100'000u);
  download(server.url("/file"), target, sha256(body));
  EXPECT_EQ(read_file(target), body);
  EXPECT_EQ(server.ranges().back(), "100000-");
}

TEST_F(Fetch, OnADiskThatFillsWhileUnpackingTheArchiveIsKept) {
  const std::string tar = make_tar({{"x.csv", std::string(500'000, 'x')}});
  ASSERT_LT(tar.size(), 50'000u);
  HttpServer server({tar});
  const CatalogueEntry entry = entry_for(server.url("/d.tgz"), sha256(tar));
  std::string message;
  {
    const FullDisk full(100'000);
    message = message_of([&] { fetch(entry, folder_.path()); });
  }
  EXPECT_EQ(message.find("cannot write "), 0u) << message;
  EXPECT_FALSE(fs::exists(folder_.path() / "demo"));
  EXPECT_FALSE(fs::exists(folder_.path() / ".unpack-demo"));
  EXPECT_EQ(read_file(fetch(entry, folder_.path()) / "x.csv").size(), 500'000u);
  EXPECT_EQ(server.ranges().size(), 1u);  // it was brought once
}

TEST_F(Fetch, UnpackStaysInItsFolder) {
  const fs::path archive = folder_.path() / "a.tgz";
  const auto unpack_of = [&](const std::vector<Packed>& files, const UnpackLimits& limits = {}) {
    write_file_atomic(archive, make_tar(files));
    return message_of([&] { unpack(archive, folder_.path() / "inner" / "out", limits); });
  };
  EXPECT_NE(unpack_of({{"../../escaped", "1"}}).find("outside its folder"), std::string::npos);
  EXPECT_NE(unpack_of({{"a/../../../escaped", "1"}}).find("outside its folder"), std::string::npos);
  EXPECT_NE(unpack_of({{(folder_.path() / "escaped").string(), "1"}}).find("outside its folder"), std::string::npos);
  EXPECT_NE(unpack_of({{"link", "/etc", AE_IFLNK}, {"link/x", "1"}}).find("is a link"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_.path() / "escaped"));
  EXPECT_NE(unpack_of({{"big", std::string(5000, '\0')}}, {1000, 10}).find("archive bomb"), std::string::npos);
  EXPECT_NE(unpack_of({{"a", ""}, {"b", ""}, {"c", ""}}, {1000, 2}).find("more than 2 files"), std::string::npos);
  write_file_atomic(archive, "no archive at all");
  EXPECT_NE(message_of([&] { unpack(archive, folder_.path() / "inner" / "out"); }).find("is no archive"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::data
