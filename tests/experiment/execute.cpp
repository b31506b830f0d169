#include "experiment/execute.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "experiment/chip.hpp"
#include "experiment/emulate.hpp"
#include "experiment/int8.hpp"
#include "experiment/repeat.hpp"
#include "experiment/results.hpp"
#include "experiment/slurm.hpp"
#include "method/lock.hpp"
#include "temp_folder.hpp"

namespace ditmos::experiment {
namespace {

namespace fs = std::filesystem;

/// Two methods and an ensemble, two seeds, on the built-in set.
Experiment tiny() {
  return parse_experiment(R"(
name = "tiny"
compare = "single"
datasets = ["synthetic"]
protocols = ["window-random"]
seeds = [1, 2]
methods = ["single", "knn"]
[set]
"joint_training.epochs" = 1
"single.channels" = [2]
"single.kernels" = [5]
"single.pools" = [4]
"single.padding" = 0
"single.hidden" = [4]
"recipe.batch" = 64
[[variant]]
name = "two"
method = "ensemble"
set = { "classifiers.channels" = [2], "classifiers.kernels" = [5], "classifiers.pools" = [4], "classifiers.hidden" = [4], "ensemble.members" = 2 }
)",
                          "tiny.toml");
}

ExecuteOptions into(const fs::path& folder) {
  ExecuteOptions options;
  options.folder = folder;
  options.jobs = 2;
  return options;
}

std::vector<PlannedRun> one_seed_trained(const fs::path& folder) {
  Experiment one = tiny();
  one.seeds = {1};
  const auto runs = expand(one);
  execute(runs, into(folder));
  return runs;
}

TEST(Execute, FinishesResumesShardsAndGathers) {
  Progress::set_quiet(true);
  const TempFolder folder;
  const auto runs = expand(tiny());
  ASSERT_EQ(runs.size(), 6u);
  EXPECT_EQ(execute(part_of(runs, {1, 2}), into(folder.path())).done, 3);
  EXPECT_EQ(collect(runs, folder.path()).rows.size(), 3u);
  const ExecuteResult rest = execute(runs, into(folder.path()));
  EXPECT_EQ(rest.done_before, 3);
  EXPECT_EQ(rest.done, 3);
  EXPECT_TRUE(rest.failures.empty());
  EXPECT_EQ(execute(runs, into(folder.path())).done, 0);

  const Results results = collect(runs, folder.path());
  ASSERT_EQ(results.rows.size(), 6u);
  EXPECT_TRUE(results.warnings.empty());
  const std::string csv = to_csv("tiny", results.rows);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 7);
  const auto summaries = summarize(results.rows, "single");
  ASSERT_EQ(summaries.size(), 3u);
  for (const auto& s : summaries) {
    EXPECT_EQ(s.accuracy.n, 2);
    EXPECT_EQ(s.against.difference.n, 2);
    EXPECT_EQ(s.mean_cka >= 0, s.variant == "two");
  }
  const std::string table = to_table(tiny(), summaries, false);
  EXPECT_NE(table.find("synthetic, protocol window-random"), std::string::npos);
  EXPECT_NE(table.find("minus single"), std::string::npos);

  std::vector<std::string> warnings;
  const auto chip = plan_on_chip(runs, folder.path(), "", warnings);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_FALSE(chip.empty());
  for (const ChipRow& row : chip) {
    EXPECT_NE(row.variant, "knn");
    EXPECT_GT(row.ram, 0u);
    for (const auto& s : summaries)
      EXPECT_TRUE(s.variant != row.variant || row.precision != "float32" || row.weights >= static_cast<std::size_t>(4 * s.parameters)) << row.variant << " " << row.schedule;
  }
  EXPECT_EQ(to_csv("tiny", chip).substr(0, 10), "experiment");
  EXPECT_EQ(to_table(chip, "", false).find("ms modelled"), std::string::npos);
}

TEST(ChipSlow, EveryScheduleIsSimulatedOnceAndKept) {
  if (std::system("command -v qemu-system-arm arm-none-eabi-gcc > /dev/null 2>&1") != 0) GTEST_SKIP() << "no emulator or cross compiler: the simulated figures are not tested";
  Progress::set_quiet(true);
  const TempFolder folder;
  auto runs = expand(tiny());
  runs.resize(1);
  execute(runs, into(folder.path()));
  std::vector<std::string> warnings;
  const auto simulated = plan_on_chip(runs, folder.path(), "nucleo-f767zi", warnings);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  for (const ChipRow& row : simulated) {
    ASSERT_TRUE(row.simulated) << row.precision << " " << row.schedule;
    EXPECT_GT(row.simulated->instructions, static_cast<double>(row.macs) / 4);
    EXPECT_GE(row.simulated->ram, static_cast<double>(row.ram));
    EXPECT_GT(row.simulated->flash, static_cast<double>(row.weights));
    EXPECT_GT(row.simulated->mj_modelled, 0);
  }
  EXPECT_NE(to_table(simulated, "nucleo-f767zi", true).find("DiTMoS with network slicing"), std::string::npos);
  const auto kept = plan_on_chip(runs, folder.path(), "nucleo-f767zi", warnings);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].simulated->instructions, simulated[i].simulated->instructions);
}

TEST(EmulateSlow, TheWholeTestPartAsOnTheHostAndAsTheQuantizerSays) {
  if (std::system("command -v qemu-system-arm arm-none-eabi-gcc > /dev/null 2>&1") != 0) GTEST_SKIP() << "no emulator or cross compiler: the emulated accuracies are not tested";
  Progress::set_quiet(true);
  const TempFolder folder;
  const auto runs = one_seed_trained(folder.path());
  std::vector<std::string> warnings;
  EXPECT_TRUE(emulate_runs(runs, folder.path(), "nucleo-l4r5zi", 2, false, warnings).empty());
  const auto rows = emulate_runs(runs, folder.path(), "nucleo-l4r5zi", 2, true, warnings);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  ASSERT_EQ(rows.size(), 2u);  // knn has no weights
  const auto integers = quantize_runs(runs, folder.path(), true, warnings);
  ASSERT_EQ(integers.size(), 2u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].variant, integers[i].variant);
    EXPECT_EQ(rows[i].windows, integers[i].windows);
    EXPECT_EQ(rows[i].differing, 0u);
    EXPECT_EQ(rows[i].accuracy, integers[i].quantized) << rows[i].variant;
    EXPECT_NEAR(rows[i].real, integers[i].real, 1e-6);
    EXPECT_GT(rows[i].instructions, 1000);
    EXPECT_GT(rows[i].flash, 1000);
  }
  const auto again = emulate_runs(runs, folder.path(), "nucleo-l4r5zi", 1, false, warnings);
  EXPECT_EQ(to_csv("tiny", "nucleo-l4r5zi", again), to_csv("tiny", "nucleo-l4r5zi", rows));
  EXPECT_NE(to_table("nucleo-l4r5zi", "single", summarize(rows, "single"), true).find("minus single"), std::string::npos);
  EXPECT_THROW(emulate_runs(runs, folder.path(), "nucleo", 1, false, warnings), Error);
}

TEST(Execute, QuantisesEachModelOnce) {
  Progress::set_quiet(true);
  const TempFolder folder;
  const auto runs = one_seed_trained(folder.path());
  std::vector<std::string> warnings;
  EXPECT_TRUE(quantize_runs(runs, folder.path(), false, warnings).empty());
  const auto rows = quantize_runs(runs, folder.path(), true, warnings);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  ASSERT_EQ(rows.size(), 2u);  // knn has no weights
  for (const Int8Row& row : rows) {
    EXPECT_GT(row.windows, 0u);
    EXPECT_NEAR(row.quantized, row.real, 0.1);
    EXPECT_GT(row.tuned, 0);
  }
  const auto again = quantize_runs(runs, folder.path(), false, warnings);
  EXPECT_EQ(to_csv("tiny", again), to_csv("tiny", rows));
  EXPECT_NE(to_table(rows, true).find("fine-tuned int8 %"), std::string::npos);
}

TEST(Execute, DamagedAndForeignFoldersAreKeptAndReported) {
  Progress::set_quiet(true);
  const TempFolder folder;
  auto runs = expand(tiny());
  runs.resize(2);
  write_file_atomic(folder.path() / runs[0].folder / "run.json", "{\"state\":");
  write_file_atomic(folder.path() / runs[1].folder / "thesis.tex", "x");
  const ExecuteResult result = execute(runs, into(folder.path()));
  EXPECT_EQ(result.done, 0);
  EXPECT_EQ(result.failures.size(), 2u);
  EXPECT_EQ(read_file(folder.path() / runs[0].folder / "run.json"), "{\"state\":");
  const Results results = collect(runs, folder.path());
  EXPECT_TRUE(results.rows.empty());
  EXPECT_EQ(results.warnings.size(), 1u);
}

TEST(Execute, ResultsOfAnotherSchemaAreSkippedWithAWarning) {
  Progress::set_quiet(true);
  const TempFolder folder;
  auto runs = expand(tiny());
  runs.resize(2);
  execute(runs, into(folder.path()));
  const fs::path file = folder.path() / runs[0].folder / "evaluation.json";
  Json later = read_json(file);
  later["parts"]["test"].erase("accuracy");
  write_json(file, later);
  const Results results = collect(runs, folder.path());
  ASSERT_EQ(results.rows.size(), 1u);
  ASSERT_EQ(results.warnings.size(), 1u);
  EXPECT_NE(results.warnings[0].find("accuracy"), std::string::npos) << results.warnings[0];
  EXPECT_TRUE(fs::exists(file));
  EXPECT_EQ(execute(runs, into(folder.path())).done, 0) << "what cannot be read is not trained over";
}

TEST(Execute, AHeldFolderNamesItsHolderAndIsTriedAgainLater) {
  Progress::set_quiet(true);
  const TempFolder folder;
  auto runs = expand(tiny());
  runs.resize(1);
  fs::create_directories(folder.path() / runs[0].folder);
  {
    const method::FolderLock held(folder.path() / runs[0].folder);
    const ExecuteResult result = execute(runs, into(folder.path()));
    ASSERT_EQ(result.failures.size(), 1u);
    EXPECT_NE(result.failures[0].find("in use by process " + std::to_string(::getpid())), std::string::npos) << result.failures[0];
  }
  EXPECT_EQ(execute(runs, into(folder.path())).done, 1);
}

TEST(Repeat, SameBitsAndDifferencesNamed) {
  Progress::set_quiet(true);
  const TempFolder folder;
  auto runs = expand(tiny());
  runs.resize(1);
  execute(runs, into(folder.path()));
  const fs::path run = folder.path() / runs[0].folder;
  method::RunOptions options;
  options.folder = folder.path() / "again";
  EXPECT_EQ(repeat(run, options), std::vector<std::string>());
  Json changed = read_json(run / "evaluation.json");
  changed["parts"]["test"]["accuracy"] = 2;
  write_json(run / "evaluation.json", changed);
  fs::path network;
  for (const auto& entry : fs::directory_iterator(run / "bundle"))
    if (entry.path().extension() == ".onnx") network = entry.path();
  write_file_atomic(network, "x");
  const auto found = differences(run, options.folder);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].find("evaluation.json, parts.test.accuracy: 2 before, 0."), 0u) << found[0];
  EXPECT_EQ(found[1], "bundle/" + network.filename().string() + ": other bytes");
}

TEST(Slurm, ScriptsQuoteWhatTheShellWouldTakeApart) {
  const SlurmJob job{"small", "/tmp/x", {"/opt/it's here/ditmos", "experiment", "small", "--set", "a=$HOME"}, 4, {}};
  EXPECT_EQ(array_script(job),
            "#!/bin/sh\n#SBATCH --job-name=ditmos-small\nexec '/opt/it'\\''s here/ditmos' experiment small --set 'a=$HOME' --shard \"$SLURM_ARRAY_TASK_ID/4\" "
            "--jobs \"${SLURM_CPUS_PER_TASK:-1}\"\n");
  EXPECT_NE(gather_script(job).find(" --set 'a=$HOME' --gather\n"), std::string::npos);
}

TEST(Execute, ShardsAreChecked) {
  EXPECT_EQ(parse_shard("2/8").index, 2);
  EXPECT_EQ(parse_shard("2/8").count, 8);
  for (const char* bad : {"", "1", "8/8", "-1/4", "1/0", "a/b", "1/2x"}) EXPECT_THROW(parse_shard(bad), Error) << bad;
}

TEST(Results, CsvQuotesWhatNeedsIt) {
  ResultRow row;
  row.variant = "a, \"b\"";
  EXPECT_NE(to_csv("x", {row}).find("\"a, \"\"b\"\"\""), std::string::npos);
}

}  // namespace
}  // namespace ditmos::experiment
