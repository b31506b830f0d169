#include "method/auto.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/progress.hpp"
#include "temp_folder.hpp"
#include "tiny.hpp"

namespace ditmos::method {
namespace {
namespace fs = std::filesystem;

Config small_auto() {
  Config c = tiny_config("auto");
  c.classifiers = 2;
  c.joint.epochs = 2;
  return c;
}

TEST(Auto, TakesTheBestOnTheValidationPartWithinTheBudget) {
  Progress::set_quiet(true);
  const TempFolder folder;
  const data::Dataset d = tiny_waves(120);
  Config config = small_auto();
  config.checkpoint = "refit";
  RunOptions options;
  options.folder = folder.path() / "run";
  const RunResult result = train_run(config, d, options);
  const Json record = read_json(options.folder / "run.json");
  const Json& tried = record.at("notes").at("auto");
  ASSERT_GE(tried.size(), 3u);
  double best = 0;
  std::string name;
  for (const Json& candidate : tried) {
    if (candidate.at("validation_accuracy").get<double>() > best) {
      best = candidate.at("validation_accuracy");
      name = candidate.at("candidate");
    }
  }
  for (const Json& candidate : tried)
    if (candidate.at("candidate") == record.at("notes").at("chosen")) {
      EXPECT_EQ(candidate.at("validation_accuracy").get<double>(), best);
    }
  const Config winner = read_run_config(options.folder);
  EXPECT_NE(winner.method, "auto");
  EXPECT_EQ(winner.checkpoint, "refit");
  EXPECT_FALSE(result.evaluation.at("parts").contains("validation"));
  EXPECT_EQ(read_run_config(options.folder / "candidates" / name).checkpoint, "last") << "candidates never train on the validation part";

  options.resume = true;
  EXPECT_EQ(read_resumable_config(options.folder), config);
  EXPECT_EQ(train_run(config, d, options).evaluation, result.evaluation);
  options.resume = false;
  EXPECT_THROW(train_run(config, d, options), Error);
}

TEST(Auto, SaysWhenNothingFitsAndRefusesTheOptimisticProtocol) {
  Progress::set_quiet(true);
  const TempFolder folder;
  const data::Dataset d = tiny_waves(90);
  Config config = small_auto();
  config.search.macs = 10;
  EXPECT_THROW(auto_candidates(config, d, split_data(config, d)), Error);
  config = small_auto();
  config.protocol = "paper";
  RunOptions options;
  options.folder = folder.path() / "run";
  EXPECT_THROW(train_run(config, d, options), Error);
}

TEST(Checkpoint, RefitTrainsOnTheValidationPartAndKeepsTheLastEpoch) {
  Progress::set_quiet(true);
  const TempFolder folder;
  const data::Dataset d = tiny_waves(120);
  std::map<std::string, Json> evaluations;
  for (const char* checkpoint : {"validation", "last", "refit"})
    for (const char* method : {"dense-latency", "knn"}) {
      Config config = tiny_config(method);
      config.checkpoint = checkpoint;
      RunOptions options;
      options.folder = folder.path() / checkpoint / method;
      evaluations[std::string(checkpoint) + " " + method] = train_run(config, d, options).evaluation;
      if (method != std::string("knn") && checkpoint != std::string("validation")) {
        const Json record = read_json(options.folder / "run.json");
        EXPECT_EQ(record.at("best_epoch"), record.at("epochs"));
        EXPECT_EQ(evaluate_run(options.folder, d), evaluations[std::string(checkpoint) + " " + method]);
      }
    }
  const auto windows = [&](const char* key, const char* part) { return evaluations.at(key).at("split").at(part).get<int>(); };
  EXPECT_EQ(windows("refit dense-latency", "train"), windows("last dense-latency", "train") + windows("last dense-latency", "validation"));
  EXPECT_EQ(evaluations.at("refit dense-latency").at("references"), evaluations.at("last dense-latency").at("references"));
  EXPECT_FALSE(evaluations.at("refit knn").at("parts").contains("validation"));
  EXPECT_NEAR(evaluations.at("refit knn").at("parts").at("test").at("accuracy").get<double>(),
              evaluations.at("last knn").at("references").at("1-nn").at("accuracy").get<double>(), 1e-9);
  Config optimistic = tiny_config("single");
  optimistic.protocol = "paper";
  optimistic.checkpoint = "refit";
  EXPECT_THROW(validate(optimistic), Error);
}

}  // namespace
}  // namespace ditmos::method
