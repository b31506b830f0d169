#include "tune/tune.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "../method/tiny.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"
#include "method/run.hpp"
#include "temp_folder.hpp"
#include "tune/assess.hpp"
#include "tune/integer_twin.hpp"

namespace ditmos::tune {
namespace {

/// Moves a network away from its initial state: norms and statistics that folding must not lose.
void disturb(nn::Network<float>& network) {
  Random random(3);
  for (auto& p : network.parameters())
    if (p.name.find("norm") != std::string::npos)
      for (float& v : p.value) v += static_cast<float>(0.3 * random.normal());
  for (auto& p : network.statistics())
    for (float& v : p.value) v += static_cast<float>(0.3 * random.uniform());
}

nn::NetworkSpec spec_of(int padding, bool depthwise) {
  nn::NetworkSpec spec;
  spec.input = {2, 1, 40};
  spec.blocks = {{.filters = depthwise ? 2 : 4, .kernel_width = 5, .pad_width = padding, .depthwise = depthwise}, {.filters = 3, .kernel_width = 3}};
  spec.hidden = {8};
  spec.outputs = 3;
  return spec;
}

struct Small {
  data::Dataset dataset = method::tiny_waves(60);
  method::Config config = method::tiny_config();
  data::Split split;
  nn::Threads threads{1};
  Small() {
    for (std::uint32_t i = 0; i < 60; ++i) (i % 3 == 0 ? split.validation : i % 3 == 1 ? split.test : split.train).push_back(i);
  }
  method::Setup setup() { return {config, dataset, split, threads}; }
};

TEST(IntegerTwin, FoldsNormsWithoutChangingTheNetwork) {
  for (const int padding : {0, 2})
    for (const bool depthwise : {false, true}) {
      Random init(1);
      nn::Network<float> network(spec_of(padding, depthwise), init);
      disturb(network);
      Small small;
      nn::Maps<float> input;
      input.gather(small.dataset.x, {2, 1, 40}, small.split.test);
      network.forward(input, nn::Mode::evaluate, nullptr);
      const std::vector<float> before(network.logits().begin(), network.logits().end());
      const IntegerTwin twin(network);
      for (const auto& p : network.parameters()) {
        if (p.name.find(".norm.weight") != std::string::npos) { EXPECT_EQ(p.value[0], 1); }
      }
      network.forward(input, nn::Mode::evaluate, nullptr);
      for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(network.logits()[i], before[i], 1e-5) << padding << depthwise;
    }
}

/// What training computes in rounded floats is what the chip computes in integers.
TEST(IntegerTwin, GivesTheIntegersOfTheChip) {
  for (const int padding : {0, 2})
    for (const bool depthwise : {false, true}) {
      Small small;
      const method::Setup setup = small.setup();
      Random init(1);
      method::Committee committee(model::Combine::single, std::nullopt, spec_of(padding, depthwise), 1, init, nullptr);
      nn::Network<float>& network = committee.classifiers().network(0);
      disturb(network);
      IntegerTwin twin(network);
      std::size_t count = 0;
      const auto windows = spread_windows(small.dataset, small.split.train, 20, count);
      const compile::Program quantized = compile::quantize(float_program(committee, setup), windows, count);
      twin.take_scales(quantized.networks[0]);
      twin.round_weights();
      nn::Maps<float> input;
      input.gather(small.dataset.x, {2, 1, 40}, small.split.test);
      for (int g = 0; g < input.groups(); ++g) nn::round_to(grid_of_input(quantized.networks[0], "window"), input, g);
      network.forward(input, nn::Mode::evaluate, nullptr);
      const compile::Int8Reference reference(quantized);
      int same = 0, all = 0;
      for (std::size_t w = 0; w < small.split.test.size(); ++w) {
        const auto integers = reference.run(small.dataset.window(small.split.test[w])).real;
        for (std::size_t k = 0; k < integers.size(); ++k, ++all) same += std::abs(network.logits()[w * 3 + k] - integers[k]) < 1e-5f;
      }
      EXPECT_GE(same, all * 95 / 100) << padding << depthwise;  // a sum half way between two steps may round to either
      twin.real_weights();
      twin.drop_scales();
    }
}

TEST(Tune, ChoosesOnTheValidationPartAndIsTheSameToTheBit) {
  for (const std::string name : {"ditmos", "mixture", "ensemble", "single"}) {
    Small small;
    small.config = method::tiny_config(name);
    const method::Setup setup = small.setup();
    std::vector<std::byte> first;
    for (int time = 0; time < 2; ++time) {
      const auto method = method::find_method(name).make(setup), teacher = method::find_method(name).make(setup);
      TuneOptions options;
      options.epochs = 4;
      options.learning_rate = 5e-3;
      const TuneResult result = tune(method->committee(), teacher->committee(), setup, options);
      ASSERT_EQ(result.epochs.size(), 5u);
      for (const TunedEpoch& epoch : result.epochs)
        EXPECT_FALSE(epoch.validation.better_than(result.epochs[static_cast<std::size_t>(result.best)].validation));
      EXPECT_LT(result.epochs.back().loss, result.epochs[1].loss) << name;
      if (time == 0)
        first = method->committee().save();
      else
        EXPECT_TRUE(first == method->committee().save()) << name;
    }
  }
}

TEST(Tune, KeepsTheLastEpochOfARunThatWasTrainedOnItsValidationPart) {
  Small small;
  small.config = method::tiny_config("mixture");
  small.config.checkpoint = "refit";
  const TempFolder folder;
  method::RunOptions options;
  options.folder = folder.path() / "run";
  options.on_epoch = [](double) {};
  method::train_run(small.config, small.dataset, options);
  TrainedRun run{options.folder, small.config, small.dataset, method::training_split(small.config, small.dataset)};
  EXPECT_EQ(run.split.train.size() + run.split.test.size(), small.dataset.size());
  run.split.validation.clear();
  TuneOptions tuning;
  tuning.epochs = 3;
  EXPECT_EQ(resolve_calibration("auto", run, program_of_run(options.folder), tuning), compile::Calibration::mse);
  const Json record = assess(run, tuning, 1, folder.path() / "tuned").record;
  EXPECT_EQ(record.at("tuning").at("best_epoch"), 3);
  EXPECT_FALSE(record.at("parts").contains("validation"));
  EXPECT_FALSE(read_json(folder.path() / "tuned" / "evaluation.json").at("parts").contains("validation"));
}

TEST(Tune, MakesARunLikeAnyOther) {
  Small small;
  small.config.method = "mixture";
  small.config.joint.epochs = 1;
  const TempFolder folder;
  method::RunOptions options;
  options.folder = folder.path() / "run";
  options.on_epoch = [](double) {};
  method::train_run(small.config, small.dataset, options);
  small.split = method::split_data(small.config, small.dataset);
  const method::Setup setup = small.setup();
  const auto method = method::restore_best(options.folder, setup), teacher = method::restore_best(options.folder, setup);
  TuneOptions tuning;
  tuning.epochs = 1;
  tune(method->committee(), teacher->committee(), setup, tuning);
  const auto out = folder.path() / "tuned";
  method::write_tuned_run(out, options.folder, setup, method->committee(), {{"best_epoch", 1}, {"calibration", "min-max"}});
  EXPECT_EQ(method::restore_best(out, setup)->committee().save(), method->committee().save());
  EXPECT_EQ(read_json(out / "run.json").at("tuning").at("best_epoch"), 1);
  EXPECT_EQ(model::read_bundle(out / "bundle").networks.size(), 4u);

  // How a calibration is chosen.
  const compile::Program program = program_of_run(options.folder);
  TrainedRun run{options.folder, small.config, small.dataset, small.split};
  const auto score = [&](compile::Calibration calibration) {
    std::size_t count = 0;
    const auto windows = spread_windows(run.dataset, run.split.train, tuning.calibration_windows, count);
    compile::QuantizeOptions quantize;
    quantize.calibration = calibration;
    return score_integers(compile::quantize(program, windows, count, quantize), run.dataset, run.split.validation);
  };
  const IntegerScore best = score(resolve_calibration("auto", run, program, tuning));
  for (const char* name : {"min-max", "percentile", "mse"}) {
    EXPECT_FALSE(score(compile::calibration_of(name)).better_than(best)) << name;
    EXPECT_EQ(compile::name_of(resolve_calibration(name, run, program, tuning)), name);
  }
  EXPECT_THROW(resolve_calibration("kl", run, program, tuning), Error);
  const Assessment assessment = assess(run, tuning, 1, folder.path() / "again");
  EXPECT_GT(assessment.record.at("parts").at("test").at("int8_tuned"), 0.3);
  EXPECT_FALSE(assessment.record.at("layers").empty());
  run.folder = out;
  EXPECT_EQ(resolve_calibration("auto", run, program, tuning), compile::Calibration::min_max);

  EXPECT_THROW(method::write_tuned_run(out, options.folder, setup, method->committee(), {}), Error);
  small.split.validation = small.split.test;
  EXPECT_THROW(tune(method->committee(), teacher->committee(), small.setup(), tuning), Error);
}

}  // namespace
}  // namespace ditmos::tune
