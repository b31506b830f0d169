#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <string>

#include "command.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "temp_folder.hpp"

namespace ditmos {
namespace {

/// Windows of 40 samples: three frequencies, phases and amplitudes that vary.
std::string three_frequencies() {
  std::string csv = "label";
  for (int i = 0; i < 40; ++i) csv += fmt::format(",x_{}", i);
  csv += "\n";
  for (int w = 0; w < 360; ++w) {
    csv += fmt::format("class{}", w % 3);
    for (int i = 0; i < 40; ++i) csv += fmt::format(",{:.4f}", (0.6 + 0.01 * (w % 41)) * std::sin(0.2 * (w % 3 + 1) * i + 0.7 * w) + 0.05 * std::sin(1.0 * w * i));
    csv += "\n";
  }
  return csv;
}

/// From the fine-tuned run to the emulated chip: every integer is the host's, and the accuracy is the one that fine-tuning reported.
TEST(Cli, FineTunedNetworkOnTheEmulatedChip) {
  if (shell("command -v qemu-system-arm && command -v arm-none-eabi-gcc").status != 0) GTEST_SKIP() << "no emulator or cross compiler";
  const TempFolder folder;
  const auto in = [&](const char* name) { return (folder.path() / name).string(); };
  write_file_atomic(in("windows.csv"), three_frequencies());
  const auto must = [](const std::string& arguments) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 0) << arguments << "\n" << outcome.output;
    return outcome.status == 0;
  };
  std::string train = "train --data " + in("windows.csv") + " --preset quick --seed 1 --threads 1 --classifiers.count 2 --strong.kernels 5,3,3,3,3,3 --strong.channels 8,8,4,4,4,4";
  for (const char* part : {"selector", "classifiers"}) train += fmt::format(" --{0}.kernels 5,3,3 --{0}.channels 4,4,4 --{0}.hidden 8", part);
  ASSERT_TRUE(must(train + " --out " + in("run")));
  ASSERT_TRUE(must("quantize " + in("run") + " --qat --epochs 2 --json --out " + in("tuned") + " > " + in("quantize.json")));
  ASSERT_TRUE(must("compile " + in("tuned") + " --precision int8 --board nucleo-f767zi --schedule fused --out " + in("build")));
  ASSERT_TRUE(must("simulate " + in("build")));

  const Json tuned = read_json(in("quantize.json")), chip = read_json(folder.path() / "build" / "simulation.json");
  const Json& test = tuned.at("parts").at("test");
  EXPECT_TRUE(chip.at("bit_exact").get<bool>());
  EXPECT_EQ(chip.at("label_mismatches").get<int>(), 0);
  EXPECT_EQ(chip.at("windows"), test.at("windows"));
  EXPECT_DOUBLE_EQ(chip.at("accuracy").get<double>(), test.at("int8_tuned").get<double>());
  EXPECT_EQ(chip.at("protocol"), tuned.at("protocol"));
}

}  // namespace
}  // namespace ditmos
