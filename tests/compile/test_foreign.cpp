#include "foreign.hpp"

#include <gtest/gtest.h>

#include "emitted.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

const char* const kHostFiles =
    "#include <stdio.h>\ntypedef FILE *file;\n"
    "static FILE *file_open(const char *name, int write) { return fopen(name, write ? \"wb\" : \"rb\"); }\n"
    "static size_t file_read(FILE *f, void *to, size_t size) { return fread(to, 1, size, f); }\n"
    "static void file_write(FILE *f, const void *from, size_t size) { fwrite(from, 1, size, f); }\n"
    "static void file_close(FILE *f) { fclose(f); }\n";

TEST(Foreign, OnnxBackendTestsGiveWhatTheyShould) {
  if (!std::filesystem::exists(kBackendTests)) GTEST_SKIP() << "the ONNX backend tests (Debian: libonnx-testdata) are absent";
  const ForeignSet set = foreign_cases([](const std::string&) { return true; });
  const TempFolder folder;
  write_foreign(folder.path(), set.cases);
  write_file_atomic(folder.path() / "files.h", kHostFiles);
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  const Shell built = shell(at_folder + "gcc " + kStrictFlags + " -O0 main.c -lm -o run");
  ASSERT_EQ(built.code, 0) << built.output.substr(0, 4000);
  const Shell ran = shell(at_folder + "./run");
  ASSERT_EQ(ran.code, 0) << ran.output;
  const auto wrong = wrong_foreign(folder.path(), set.cases);
  for (const std::string& title : wrong) ADD_FAILURE() << title;
  std::printf("%zu ONNX backend tests pass, %zu are out of scope:\n", set.cases.size() - wrong.size(), set.refused.size());
  for (const auto& [title, reason] : set.refused) std::printf("  %s: %s\n", title.c_str(), reason.c_str());
  EXPECT_GE(set.cases.size(), 215u);
}

}  // namespace
}  // namespace ditmos::compile
