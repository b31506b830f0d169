// int8 programs as C, compiled with gcc under the strictest flags: the same integers as the host reference, in every schedule.
#include <gtest/gtest.h>

#include "../compile/emitted.hpp"
#include "../compile/networks.hpp"
#include "compile/quantize/reference.hpp"

namespace ditmos::compile {
namespace {

constexpr std::size_t kCalibration = 8;

Int8 int8_of(const Program& program, WeightLayout layout) {
  Int8 int8;
  int8.count = kCalibration;
  int8.windows = random_window(kCalibration * static_cast<std::size_t>(program.channels * program.height * program.width), 5);
  int8.options.layout = layout;
  return int8;
}

void expect_the_reference(const Program& program, WeightLayout layout, int windows) {
  std::map<std::string, Int8Reference> references;  // layerwise has ranges of its own for what it does not fuse
  run_every_schedule(
      program, windows, "-O0", [&](Options& options) { options.int8 = int8_of(program, layout); },
      [&](const Compilation& compilation, const std::vector<float>& window, const EmittedAnswer& answer) {
        const auto reference = references.try_emplace(compilation.schedule, compilation.program).first;
        const Int8Reference::Result expected = reference->second.run(window);
        EXPECT_EQ(answer.label, expected.label);
        EXPECT_EQ(answer.choice, expected.choice);
        EXPECT_EQ(answer.logits, expected.real);
      });
}

TEST(Int8Emission, SelectorAndClassifiersInEveryScheduleAndLayout) {
  SelectSizes sizes;
  sizes.width = 101, sizes.classifiers = 2, sizes.hidden = 19;
  const Program program = import_bundle(select_bundle(sizes), "select");
  expect_the_reference(program, WeightLayout::pairs, 4);
  expect_the_reference(program, WeightLayout::rows, 2);
}

TEST(Int8Emission, PaddedImageWithDepthwiseAndAveragePool) {
  using Ints = std::vector<std::int64_t>;
  NetworkWriter w("image", 6);
  w.input("window", {1, 2, 11, 9});
  std::string x = w.node("Relu", {w.node("Conv", {"window", w.constant({5, 2, 3, 3}, 0.3), w.constant({5}, 0.1)}, {{"pads", Ints{1, 1, 1, 1}}})});
  x = w.node("MaxPool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  x = w.node("Relu", {w.node("Conv", {x, w.constant({5, 1, 3, 3}, 0.5)}, {{"group", std::int64_t{5}}, {"pads", Ints{1, 1, 1, 1}}})});
  x = w.node("Conv", {x, w.constant({6, 5, 1, 1}, 0.5), w.constant({6}, 0.2)});
  x = w.node("AveragePool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{1, 1}}});
  w.linear(w.node("Flatten", {x}), 6 * 4 * 3, 4, "logits");
  w.output("logits", {1, 4});
  model::Bundle bundle;
  bundle.channels = 2, bundle.height = 11, bundle.width = 9;
  bundle.classes = {"a", "b", "c", "d"};
  bundle.networks.push_back(w.take());
  expect_the_reference(import_bundle(bundle, "image"), WeightLayout::pairs, 5);
}

/// DESIGN.md: bytes with the input held.
TEST(Int8Emission, PaperNetworkNeedsTheBytesThatWereDerived) {
  const Program program = import_bundle(select_bundle({}), "paper");
  std::map<std::string, std::size_t> ram;
  for (const Candidate& candidate : plan_candidates(program, {}, int8_of(program, WeightLayout::pairs))) {
    ram[candidate.schedule] = candidate.plan.arena_bytes;
    EXPECT_LE(candidate.plan.weight_bytes, 48500u) << candidate.schedule;  // 42,296 weights, 696 biases and multipliers, padding
  }
  EXPECT_LE(ram["fused"], 1792u);
  EXPECT_LE(ram["streaming"], 1424u);
  EXPECT_LE(ram["streaming-1"], 960u);
  EXPECT_LE(ram["streaming-2"], 768u);
}

}  // namespace
}  // namespace ditmos::compile
