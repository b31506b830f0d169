#include <gtest/gtest.h>

#include <chrono>

#include "core/error.hpp"
#include "core/file.hpp"
#include "device/process.hpp"
#include "device/scratch.hpp"
#include "device/toolchain.hpp"

namespace ditmos::device {
namespace {

const std::string shell = "/bin/sh";

TEST(Process, OutputErrorsAndExitCode) {
  const auto result = run_process({shell, "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_FALSE(result.timed_out);
}

TEST(Process, RunsInItsFolderWithStdinClosed) {
  const Scratch scratch;
  EXPECT_EQ(run_process({shell, "-c", "cat; pwd"}, {scratch.path(), 60}).out, scratch.path().string() + "\n");
}

TEST(Process, MoreOutputThanIsKeptDoesNotBlockIt) {
  ProcessOptions options;
  options.most_output = 1000;
  const auto result = run_process({shell, "-c", "head -c 3000000 /dev/zero; echo done >&2"}, options);
  EXPECT_EQ(result.out.size(), 1000u);
  EXPECT_EQ(result.err, "done\n");
  EXPECT_EQ(result.exit_code, 0);
}

TEST(Process, TimeOutKillsTheWholeGroup) {
  const Scratch scratch;
  const auto file = scratch.path() / "late";
  const auto result = run_process({shell, "-c", "(sleep 2; touch late) & sleep 1000"}, {scratch.path(), 0.3});
  EXPECT_TRUE(result.timed_out);
  run_process({shell, "-c", "sleep 2.5"});
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(Process, AChildLeftBehindIsNotWaitedFor) {
  const auto result = run_process({shell, "-c", "sleep 1000 & echo started"}, {{}, 500});
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.out, "started\n");
}

TEST(Process, SignalsAndMissingProgramsAreReported) {
  EXPECT_EQ(run_process({shell, "-c", "kill -9 $$"}).exit_code, 128 + 9);
  EXPECT_THROW(run_process({"/nowhere/program"}), Error);
  EXPECT_THROW(run_process({shell, "-c", "true"}, {"/nowhere", 10}), Error);
  try {
    run_checked({shell, "-c", "echo broken >&2; exit 1"}, "do it");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()), "cannot do it: /bin/sh ended with 1:\nbroken\n");
  }
}

TEST(Toolchain, AMissingToolNamesItsPackage) {
  EXPECT_EQ(find_tool("sh", "/nowhere:/bin"), "/bin/sh");
  try {
    find_tool("arm-none-eabi-gcc", "/nowhere");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.hint().find("gcc-arm-none-eabi"), std::string::npos);
  }
  try {
    find_tool("qemu-system-arm", "");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.hint().find("apt-get install qemu-system-arm"), std::string::npos);
  }
}

TEST(Scratch, IsGoneAfterwards) {
  std::filesystem::path path;
  {
    const Scratch scratch;
    path = scratch.path();
    write_file_atomic(path / "a" / "b", "x");
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace ditmos::device
