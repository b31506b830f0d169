#include "method/run.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/progress.hpp"
#include "method/archive.hpp"
#include "method/lock.hpp"
#include "method/summary.hpp"
#include "model/bundle.hpp"
#include "temp_folder.hpp"
#include "tiny.hpp"

namespace ditmos::method {
namespace {

namespace fs = std::filesystem;

RunOptions into(const fs::path& folder, bool resume = false) {
  RunOptions options;
  options.folder = folder;
  options.resume = resume;
  options.checkpoint_seconds = 0;
  options.command = "test";
  options.version = "test";
  return options;
}

/// Metrics without what depends on the clock.
std::vector<Json> metrics_of(const fs::path& folder) {
  std::vector<Json> out;
  const std::string text = read_file(folder / "metrics.jsonl");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    Json line = parse_json(text.substr(at, end - at), "metrics");
    line.erase("seconds");
    out.push_back(line);
    at = end + 1;
  }
  return out;
}

std::string networks_of(const fs::path& folder) {
  std::string all;
  for (const auto& entry : fs::directory_iterator(folder / "bundle"))
    if (entry.path().extension() == ".onnx") all += entry.path().filename().string() + sha256(read_file(entry.path()));
  return all;
}

class Runs : public testing::Test {
 protected:
  void SetUp() override { Progress::set_quiet(true); }
  TempFolder folder_;
  data::Dataset waves_ = tiny_waves(120);
};

TEST_F(Runs, NetworksThatDoNotFitLeaveNoFolder) {
  Config config = tiny_config();
  config.selector.kernels = config.classifier.kernels = {39, 39};
  EXPECT_THROW(train_run(config, waves_, into(folder_.path() / "a")), Error);
  EXPECT_FALSE(fs::exists(folder_.path() / "a"));
}

TEST_F(Runs, FolderHoldsAllThatIsPromised) {
  const auto result = train_run(tiny_config(), waves_, into(folder_.path() / "a"));
  EXPECT_EQ(result.state, RunState::finished);
  EXPECT_EQ(result.epochs, 3 + 2 + 1 + 4);
  EXPECT_GE(result.best_epoch, 5);
  for (const char* name : {"config.toml", "run.json", "metrics.jsonl", "checkpoint.bin", "bundle/manifest.json", "bundle/selector.onnx", "evaluation.json"})
    EXPECT_TRUE(fs::exists(folder_.path() / "a" / name)) << name;
  EXPECT_EQ(metrics_of(folder_.path() / "a").size(), 10u);
  const Json e = read_json(folder_.path() / "a" / "evaluation.json");
  EXPECT_EQ(e, result.evaluation);
  EXPECT_EQ(e["split"]["train"].get<int>() + e["split"]["validation"].get<int>() + e["split"]["test"].get<int>(), 120);
  EXPECT_EQ(e["parts"]["test"]["cka"].size(), 3u);
  EXPECT_FALSE(e["optimistic"].get<bool>());
  EXPECT_GT(e["references"]["1-nn"]["accuracy"].get<double>(), 0.3);
  const Json run = read_json(folder_.path() / "a" / "run.json");
  EXPECT_EQ(run["state"], "finished");
  EXPECT_EQ(run["notes"]["subset_sizes"].size(), 3u);
  const model::Bundle bundle = model::read_bundle(folder_.path() / "a" / "bundle");
  EXPECT_EQ(bundle.networks.size(), 4u);
  EXPECT_EQ(bundle.classes, waves_.classes);
}

TEST_F(Runs, EvaluatingAgainGivesTheSame) {
  const auto result = train_run(tiny_config(), waves_, into(folder_.path() / "a"));
  EXPECT_EQ(evaluate_run(folder_.path() / "a", waves_), result.evaluation);
  EXPECT_EQ(read_run_config(folder_.path() / "a"), tiny_config());
  EXPECT_THROW(evaluate_run(folder_.path(), waves_), Error);
}

TEST_F(Runs, PaperProtocolIsLabelledOptimistic) {
  Config config = tiny_config("single");
  config.protocol = "paper";
  const auto result = train_run(config, waves_, into(folder_.path() / "a"));
  EXPECT_TRUE(result.evaluation["optimistic"].get<bool>());
  EXPECT_EQ(result.evaluation["parts"]["validation"]["accuracy"], result.evaluation["parts"]["test"]["accuracy"]);
  EXPECT_NE(evaluation_table(result.evaluation).find("optimistic"), std::string::npos);
}

TEST_F(Runs, NothingIsWrittenOver) {
  const fs::path a = folder_.path() / "a";
  train_run(tiny_config("single"), waves_, into(a));
  const std::string before = read_file(a / "run.json");
  EXPECT_THROW(train_run(tiny_config("single"), waves_, into(a)), Error);
  Config other = tiny_config("single");
  other.seed = 9;
  EXPECT_THROW(train_run(other, waves_, into(a, true)), Error);
  EXPECT_EQ(read_file(a / "run.json"), before);
  // A finished run is handed back as it is.
  EXPECT_EQ(train_run(tiny_config("single"), waves_, into(a, true)).evaluation, read_json(a / "evaluation.json"));
  write_file_atomic(folder_.path() / "b" / "thesis.tex", "x");
  EXPECT_THROW(train_run(tiny_config("single"), waves_, into(folder_.path() / "b", true)), Error);
}

TEST_F(Runs, BudgetStopsInTimeAndResumingFinishesToTheSameBits) {
  Config config = tiny_config("mixture");
  train_run(config, waves_, into(folder_.path() / "whole"));
  RunOptions options = into(folder_.path() / "cut");
  options.max_minutes = 1e-9;
  const auto cut = train_run(config, waves_, options);
  EXPECT_EQ(cut.state, RunState::stopped);
  EXPECT_EQ(cut.epochs, 1);  // the first epoch runs: nothing is known of its time before
  EXPECT_EQ(cut.best_epoch, 0);
  EXPECT_EQ(read_json(folder_.path() / "cut" / "run.json")["state"], "stopped");
  const auto rest = train_run(config, waves_, into(folder_.path() / "cut", true));
  EXPECT_EQ(rest.state, RunState::finished);
  EXPECT_EQ(networks_of(folder_.path() / "cut"), networks_of(folder_.path() / "whole"));
  EXPECT_EQ(metrics_of(folder_.path() / "cut"), metrics_of(folder_.path() / "whole"));
}

/// Kills a run in another process at some point, resumes it, and compares with an unbroken one.
TEST_F(Runs, KillAndResumeGiveTheSameBits) {
  Config config = tiny_config();
  config.threads = 1;
  config.adversarial.iterations = 20;
  const fs::path whole = folder_.path() / "whole", cut = folder_.path() / "cut";
  train_run(config, waves_, into(whole));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      train_run(config, waves_, into(cut));
    } catch (...) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  // At most 20 s: wait for some epochs, then kill; where the child was faster, it has finished.
  for (int i = 0; i < 4000; ++i) {
    std::error_code ignored;
    if (fs::exists(cut / "metrics.jsonl") && fs::file_size(cut / "metrics.jsonl", ignored) > 2000) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const auto rest = train_run(config, waves_, into(cut, true));
  EXPECT_EQ(rest.state, RunState::finished);
  EXPECT_EQ(networks_of(cut), networks_of(whole));
  EXPECT_EQ(metrics_of(cut), metrics_of(whole));
  EXPECT_EQ(read_json(cut / "evaluation.json"), read_json(whole / "evaluation.json"));
}

TEST_F(Runs, NearestNeighbourNeedsNoTraining) {
  const auto result = train_run(tiny_config("knn"), waves_, into(folder_.path() / "knn"));
  EXPECT_GT(result.evaluation["parts"]["test"]["accuracy"].get<double>(), 0.3);
  EXPECT_FALSE(fs::exists(folder_.path() / "knn" / "bundle"));
  EXPECT_EQ(evaluate_run(folder_.path() / "knn", waves_), result.evaluation);
}

TEST_F(Runs, TwoProcessesOnOneFolderAreRefused) {
  fs::create_directories(folder_.path() / "a");
  const FolderLock lock(folder_.path() / "a");
  try {
    const FolderLock second(folder_.path() / "a");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("process " + std::to_string(::getpid())), std::string::npos) << e.what();
  }
}

TEST(ArchiveFile, RoundTripAndDamage) {
  const TempFolder folder;
  const fs::path path = folder.path() / "c.bin";
  Archive archive;
  archive.put_text("text", "hello");
  archive.put_values("numbers", std::span<const int>(std::vector<int>{1, 2, 3}));
  archive.put("nothing", {});
  archive.write(path);
  const Archive again = Archive::read(path);
  EXPECT_EQ(again.get_text("text"), "hello");
  EXPECT_EQ(again.get_values<int>("numbers"), (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(again.get("nothing").empty());
  EXPECT_THROW(again.get("other"), Error);
  EXPECT_THROW(again.get_values<int>("text"), Error);
  const std::string good = read_file(path);
  for (std::size_t cut = 0; cut < good.size(); cut += 5) {
    write_file_atomic(path, good.substr(0, cut));
    EXPECT_THROW(Archive::read(path), Error);
  }
  for (std::size_t at = 0; at < good.size(); at += 3) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    write_file_atomic(path, bad);
    EXPECT_THROW(Archive::read(path), Error) << at;
  }
}

}  // namespace
}  // namespace ditmos::method
