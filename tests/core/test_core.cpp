#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/disk_vector.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/file_map.hpp"
#include "core/json.hpp"
#include "core/names.hpp"
#include "core/progress.hpp"
#include "core/random.hpp"
#include "core/toml_parser.hpp"
#include "temp_folder.hpp"

namespace ditmos {
namespace {

TEST(Random, SameSeedSameNumbersAndForksAreIndependentOfDraws) {
  Random a(7), b(7);
  const Random early = a.fork(3);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(a.next(), b.next());
  Random late = a.fork(3);
  EXPECT_EQ(Random(early).next(), late.next());
  EXPECT_NE(a.fork(1).next(), a.fork(2).next());
}

TEST(Random, StateRestoresTheStream) {
  Random a(1);
  a.next();
  const auto state = a.state();
  const auto expected = a.next();
  Random b(99);
  b.restore(state);
  EXPECT_EQ(b.next(), expected);
}

TEST(Random, MomentsOfUniformAndNormal) {
  Random random(5);
  double sum = 0, squares = 0, uniform = 0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double z = random.normal();
    sum += z;
    squares += z * z;
    uniform += random.uniform();
  }
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(squares / n, 1, 0.02);
  EXPECT_NEAR(uniform / n, 0.5, 0.005);
}

TEST(File, KnownChecksums) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(File, AtomicWriteReplacesAndMissingFileIsNamed) {
  const TempFolder folder;
  const auto path = folder.path() / "a" / "b.txt";
  write_file_atomic(path, "one");
  write_file_atomic(path, "two");
  EXPECT_EQ(read_file(path), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1);
  try {
    read_file(folder.path() / "nothing.csv");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("nothing.csv"), std::string::npos);
  }
}

TEST(File, AppendCutsATornLine) {
  const TempFolder folder;
  const auto path = folder.path() / "m.jsonl";
  append_line(path, "{\"a\":1}");
  std::ofstream(path, std::ios::app) << "{\"a\":";
  append_line(path, "{\"a\":2}");
  EXPECT_EQ(read_file(path), "{\"a\":1}\n{\"a\":2}\n");
}

TEST(File, OutputFolderIsNeverWrittenOver) {
  const TempFolder folder;
  EXPECT_NO_THROW(make_output_folder(folder.path() / "new", "run.json", false));
  write_file_atomic(folder.path() / "new" / "run.json", "{}");
  EXPECT_THROW(make_output_folder(folder.path() / "new", "run.json", false), Error);
  EXPECT_NO_THROW(make_output_folder(folder.path() / "new", "run.json", true));
  write_file_atomic(folder.path() / "other" / "thesis.tex", "x");
  EXPECT_THROW(make_output_folder(folder.path() / "other", "run.json", true), Error);
}

TEST(File, MapHasTheBytesAndNamesWhatIsNoFile) {
  const TempFolder folder;
  write_file_atomic(folder.path() / "f", {"one ", "two"});
  EXPECT_EQ(FileMap(folder.path() / "f").bytes(), "one two");
  write_file_atomic(folder.path() / "f", "");
  EXPECT_EQ(FileMap(folder.path() / "f").bytes(), "");
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "from a pipe"; });
  EXPECT_EQ(FileMap(pipe).bytes(), "from a pipe");
  writer.join();
  EXPECT_THROW(FileMap(folder.path()), Error);
  EXPECT_THROW(FileMap(folder.path() / "none"), Error);
}

/// Kilobytes of this process's memory that are of files.
long shared_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssFile:")) return std::strtol(line.c_str() + line.find_first_of("0123456789"), nullptr, 10);
  return -1;
}

TEST(DiskVector, LargeOnesLieOnTheDiskAndKeepTheirValues) {
  const TempFolder folder;
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before ? before : "";
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  constexpr std::size_t count = kDiskVectorBytes / sizeof(std::uint32_t);
  DiskVector<std::uint32_t> values(count - 1);
  values[0] = 1, values[count - 2] = 2;
  const long small = shared_kilobytes();
  values.push_back(3);  // moves to the disk
  const long large = shared_kilobytes();
  EXPECT_EQ(values[0] + values[count - 2] + values[count - 1] + values[count / 2], 6u);
  EXPECT_TRUE(small < 0 || large - small > static_cast<long>(kDiskVectorBytes / 1024 / 2)) << small << " " << large;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));  // the file has no name that could be left behind
  ::setenv("TMPDIR", (folder.path() / "none").c_str(), 1);
  DiskVector<std::uint32_t> in_memory(count);  // no such folder: RAM
  in_memory.back() = 4;
  EXPECT_EQ(in_memory.back(), 4u);
  kept.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", kept.c_str(), 1);
}

TEST(Names, NearestAndHint) {
  const std::vector<std::string> names = {"window-random", "group", "official"};
  EXPECT_EQ(nearest_name("grop", names), "group");
  EXPECT_EQ(nearest_name("windowrandom", names), "window-random");
  EXPECT_EQ(nearest_name("zzzzzz", names), "");
  EXPECT_EQ(name_hint("grop", names, "read on"), "did you mean \"group\"?");
  EXPECT_EQ(name_hint("zzzzzz", names, "read on"), "read on");
  EXPECT_EQ(name_hint("zzzzzz", names), "there are window-random, group, official");
}

TEST(Json, ErrorsNameFileLineAndKey) {
  try {
    parse_json("{\n \"a\": 1,,\n}", "manifest.json");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("manifest.json: line 2"), std::string::npos) << e.what();
  }
  const Json object = parse_json("{\"a\": \"x\"}", "m");
  EXPECT_THROW(json_get<int>(object, "a", "m"), Error);
  EXPECT_THROW(json_get<int>(object, "b", "m"), Error);
  EXPECT_EQ(json_get<std::string>(object, "a", "m"), "x");
}

TEST(Toml, ErrorsNameFileAndLine) {
  EXPECT_EQ(parse_toml("\xEF\xBB\xBF" "a = 1", "f")["a"].value_or(0), 1);
  EXPECT_EQ(parse_toml("# \xC3\xBC\na = \"\\\"\xC3\xBC\" # \xC3\xBC\nb = \'\'\'\n\xC3\xBC\'\'\'", "f")["a"].value_or(std::string()), "\"\xC3\xBC");
  // Not a string to toml++, which then looked at the character behind it in a way that is undefined: refused in plain ASCII first.
  EXPECT_THROW(parse_toml("a = 5\"\"\"\xCF\x8B\"\"\"", "f"), Error);
  for (const char* text : {"a = 1\nb = = 2", "a = 1\n\xEF\xBB\xB7" "e = 2", "a = 1\n[gr\xC3\xBC" "n]"}) {
    try {
      parse_toml(text, "board.toml");
      FAIL() << text;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find("board.toml: line 2"), std::string::npos) << e.what();
    }
  }
}

TEST(Progress, Durations) {
  EXPECT_EQ(format_duration(4.25), "4.2 s");
  EXPECT_EQ(format_duration(200), "3 min 20 s");
  EXPECT_EQ(format_duration(3720), "1 h 02 min");
}

}  // namespace
}  // namespace ditmos
