#include <gtest/gtest.h>

#include <cmath>
#include <algorithm>

#include "../compile/networks.hpp"
#include "compile/compile.hpp"
#include "compile/interpreter.hpp"
#include "compile/passes/passes.hpp"
#include "compile/quantize/quantize.hpp"
#include "compile/quantize/ranges.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

Program float_program(const SelectSizes& sizes = {}) {
  Program program = import_bundle(select_bundle(sizes), "net");
  for (Graph& graph : program.networks) optimize(graph, FusionLevel::fused);
  return program;
}

SelectSizes small_sizes() {
  SelectSizes sizes;
  sizes.width = 61, sizes.classes = 5, sizes.classifiers = 3, sizes.hidden = 16;
  sizes.kernels[0] = 9, sizes.kernels[1] = 5, sizes.kernels[2] = 3;
  return sizes;
}

std::vector<float> random_windows(const Program& program, std::size_t count, std::uint64_t seed) {
  return random_window(count * static_cast<std::size_t>(program.channels * program.width), seed);
}

TEST(Quantize, Int8FollowsFloatOnTheNetworksOfThePaper) {
  const Program program = float_program();
  constexpr std::size_t kCount = 40;
  const std::vector<float> windows = random_windows(program, kCount, 7);
  const Program quantized = quantize(program, windows, kCount);
  const Int8Reference reference(quantized);
  const std::size_t size = windows.size() / kCount;
  int same_choice = 0, same_label = 0;
  for (std::size_t w = 0; w < kCount; ++w) {
    const std::span window(windows.data() + w * size, size);
    const ProgramResult real = run_program(program, window);
    const Int8Reference::Result integer = reference.run(window);
    same_choice += real.choice == integer.choice;
    same_label += real.choice == integer.choice && real.label == integer.label;
  }
  EXPECT_GE(same_choice, 35);  // untrained networks are close to ties
  EXPECT_GE(same_label, 32);
  for (const LayerNoise& layer : quantization_noise(program, quantized, windows, kCount)) {
    EXPECT_GT(layer.sqnr_db, 18) << layer.network << " " << layer.node;
  }
}

TEST(Quantize, SharesScalesAndShiftsWhereCodeIsShared) {
  const Program program = float_program(small_sizes());
  const Program q = quantize(program, random_windows(program, 24, 3), 24);
  const Graph& selector = q.networks[0];
  for (const char* map : {"map1", "map2"}) {
    const Quantization& made = selector.value(selector.find_output(map)->value).quantization;
    EXPECT_EQ(made.zero_point, -128);  // behind a ReLU
    for (std::size_t n = 1; n < q.networks.size(); ++n) {
      const Graph& classifier = q.networks[n];
      EXPECT_EQ(classifier.value(classifier.find_input(map)->value).quantization.scale, made.scale);
    }
  }
  for (std::size_t n = 1; n < q.networks.size(); ++n) {
    const Graph& classifier = q.networks[n];
    EXPECT_EQ(classifier.value(classifier.find_output("logits")->value).quantization.zero_point, 0);
    for (std::size_t i = 0; i < classifier.nodes.size(); ++i) {
      const Node &mine = classifier.nodes[i], &first = q.networks[1].nodes[i];
      EXPECT_EQ(mine.requantize.shift, first.requantize.shift);
      EXPECT_EQ(mine.requantize.low, first.requantize.low);
      EXPECT_GE(mine.requantize.shift, 1);
      EXPECT_LE(mine.requantize.shift, 22);
    }
  }
}

float gain(const Value& value, std::size_t i) {
  const std::vector<float>& gains = value.quantization.gain;
  return gains.empty() ? 1 : gains[i % gains.size()];
}

TEST(Quantize, WeightsAndBiasAreSymmetricAndWithinHalfAStep) {
  const Program program = float_program(small_sizes());
  const Program q = quantize(program, random_windows(program, 24, 3), 24);
  for (std::size_t n = 0; n < q.networks.size(); ++n) {
    for (std::size_t i = 0; i < q.networks[n].nodes.size(); ++i) {
      const Node& node = q.networks[n].nodes[i];
      if (node.weights == kNone) continue;
      const Value &integer = q.networks[n].value(node.weights), &real = program.networks[n].value(program.networks[n].nodes[i].weights);
      ASSERT_EQ(integer.i.size(), real.f.size());
      const std::size_t a_filter = integer.i.size() / integer.quantization.scale.size();
      std::vector<float> read;  // gains of the channels that the layer reads
      for (const ValueId id : node.inputs) {
        const Value& input = q.networks[n].value(id);
        for (int c = 0; c < (node.op == "conv" ? input.dims.back() : input.size()); ++c) read.push_back(gain(input, static_cast<std::size_t>(c)));
      }
      for (std::size_t k = 0; k < integer.i.size(); ++k) {
        const float scale = integer.quantization.scale[k / a_filter] / gain(q.networks[n].value(node.output), k / a_filter) * read[k % a_filter % read.size()];
        ASSERT_LE(std::abs(integer.i[k]), 127);
        ASSERT_NEAR(static_cast<float>(integer.i[k]) * scale, real.f[k], 0.51f * scale);
      }
    }
  }
}

TEST(Quantize, ADeadFilterAndALargeBiasKeepTheirValue) {
  Program program = float_program(small_sizes());
  Graph& selector = program.networks[0];
  const Node& conv = selector.nodes[0];
  Value& weights = selector.value(conv.weights);
  for (int k = 0; k < weights.size() / weights.dims[0]; ++k) weights.f[static_cast<std::size_t>(k)] = 0;
  selector.value(conv.bias).f[0] = 2.0f;
  const std::vector<float> windows = random_windows(program, 24, 3);
  const Program q = quantize(program, windows, 24, {Calibration::min_max, 100});
  const Int8Reference reference(q);
  Int8Reference::Maps maps;
  const auto values = reference.run_network(0, std::span(windows).first(windows.size() / 24), maps);
  const ValueId output = q.networks[0].nodes[0].output;
  const Quantization& scale = q.networks[0].value(output).quantization;
  EXPECT_NEAR(scale.step(0) * static_cast<float>(values[static_cast<std::size_t>(output)][0] - scale.zero_point), 2.0f, scale.step(0));
}

/// Channels in units a thousand apart lose as little as channels in one unit: each has its own steps, and none is told from the others.
TEST(Quantize, AChannelInAnotherUnitLosesNothing) {
  Program program = float_program(small_sizes());
  constexpr std::size_t kCount = 48;
  std::vector<float> windows = random_windows(program, kCount, 5);
  const auto worst = [&] {
    double least = 1e9;
    for (const LayerNoise& layer : quantization_noise(program, quantize(program, windows, kCount), windows, kCount)) least = std::min(least, layer.sqnr_db);
    return least;
  };
  const double one_unit = worst();
  const std::vector<float> units = {1000, 1, 0.03f};
  const std::size_t width = static_cast<std::size_t>(program.width);
  for (std::size_t i = 0; i < windows.size(); ++i) windows[i] *= units[i / width % 3];
  for (Graph& graph : program.networks)
    for (Node& node : graph.nodes) {
      const bool reads_window = node.op == "conv" && node.inputs == std::vector<ValueId>{graph.find_input("window")->value};
      if (!reads_window) continue;
      Value weights = graph.value(node.weights);
      for (std::size_t i = 0; i < weights.f.size(); ++i) weights.f[i] /= units[i % 3];  // channel-last
      node.weights = graph.add_value(weights);
    }
  const Program quantized = quantize(program, windows, kCount);
  const Quantization& q = quantized.networks[0].value(quantized.networks[0].find_input("window")->value).quantization;
  ASSERT_EQ(q.gain.size(), 3u);
  EXPECT_NEAR(q.gain[1] / q.gain[0], 1000, 150);
  EXPECT_NEAR(q.gain[2] / q.gain[1], 33, 5);
  for (const Graph& graph : quantized.networks) EXPECT_EQ(graph.value(graph.find_input("window")->value).quantization.gain, q.gain);
  EXPECT_GT(one_unit, 18);
  EXPECT_NEAR(worst(), one_unit, 1);  // with one scale for the window: 10 dB or less
}

TEST(Quantize, CalibrationsCoverAllMostOrTheLeastError) {
  Observed seen;
  Random random(4);
  for (int i = 0; i < 100000; ++i) seen.add(static_cast<float>(random.normal()), 1);
  seen.add(9, 1);  // an outlier that costs more steps than it is worth
  const Range all = choose_range(seen, {Calibration::min_max, 100});
  const Range most = choose_range(seen, {Calibration::percentile, 99});
  const Range least_error = choose_range(seen, {Calibration::mse, 100});
  EXPECT_EQ(all.high, 9);
  EXPECT_NEAR(most.high, 2.576, 0.05);  // the normal distribution's 99.5 % quantile
  EXPECT_NEAR(most.low, -2.576, 0.05);
  EXPECT_LT(least_error.high, 8.5);
  EXPECT_GT(least_error.high, 4);
}

TEST(Quantize, RefusesASumThatCouldLeaveInt32) {
  const auto quantized = [](std::int64_t inputs) {
    NetworkWriter w("net", 1);
    w.input("window", {1, 1, inputs});
    const std::string flat = w.node("Flatten", {"window"});
    w.node("Gemm", {flat, w.constant({2, inputs}, 0, 1), w.constant({2}, 0)}, {{"transB", std::int64_t{1}}}, "logits");  // every weight the largest: 127
    w.output("logits", {1, 2});
    Program program = import_network(w.take(), "net");
    optimize(program.networks[0], FusionLevel::fused);
    return quantize(program, random_window(static_cast<std::size_t>(inputs), 3), 1);
  };
  EXPECT_NO_THROW(quantized(60000));
  try {
    quantized(140000);
    FAIL() << "128 * 127 * 140000 is more than 2^31";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("more than int32 holds"), std::string::npos) << e.what();
  }
}

/// A batch norm before a padded convolution cannot be folded into it.
TEST(Quantize, AnInputNormBeforePaddingIsALayer) {
  NetworkWriter w("net", 8);
  w.input("window", {1, 3, 61});
  w.head(w.block(w.batch_norm("window", 3), 3, 6, 9, 2, {}, 4), 6 * 30, 16, 4);
  model::Bundle bundle;
  bundle.channels = 3, bundle.width = 61;
  bundle.classes = {"a", "b", "c", "d"};
  bundle.networks.push_back(w.take());
  const std::vector<float> windows = random_window(24 * 3 * 61, 9);
  Program program = prepare(import_bundle(bundle, "net"), "fused");
  EXPECT_EQ(program.networks[0].nodes[0].op, "affine");
  lower_for_int8(program);
  const Program quantized = quantize(program, windows, 24);
  EXPECT_EQ(quantized.networks[0].nodes[0].op, "conv");
  EXPECT_EQ(quantized.networks[0].nodes[0].groups, 3);
  for (const LayerNoise& layer : quantization_noise(program, quantized, windows, 24)) EXPECT_GT(layer.sqnr_db, 25) << layer.node;
  // The compiler takes the same road.
  EXPECT_EQ(prepare(import_bundle(bundle, "net"), "fused", Int8{windows, 24, {}}).networks[0].nodes.size(), quantized.networks[0].nodes.size());
}

TEST(Quantize, RefusesInOneSentence) {
  const Program program = float_program(small_sizes());
  const std::vector<float> windows = random_windows(program, 2, 3);
  const auto message = [&](const Program& of, std::span<const float> with, std::size_t count) {
    try {
      quantize(of, with, count);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(program, {}, 0), "the calibration set is empty");
  EXPECT_EQ(message(program, std::span(windows).first(20), 2), "calibration windows have 10 values each, the network expects 183");
  std::vector<float> broken = windows;
  broken[3] = NAN;
  EXPECT_EQ(message(program, broken, 2), "calibration meets a value that is not finite");
  Program sigmoid = program;
  sigmoid.networks[1].nodes.back().op = "sigmoid";
  EXPECT_NE(message(sigmoid, windows, 2).find("there is no int8 rule for sigmoid"), std::string::npos);
  EXPECT_THROW(calibration_of("kl"), Error);
  for (const char* name : {"min-max", "percentile", "mse"}) EXPECT_EQ(name_of(calibration_of(name)), name);
}

}  // namespace
}  // namespace ditmos::compile
