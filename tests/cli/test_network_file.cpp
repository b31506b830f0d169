#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "command.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "model/graph.hpp"
#include "temp_folder.hpp"

namespace ditmos {
namespace {

constexpr int kChannels = 2, kLength = 12, kFilters = 3, kTaps = 3, kPooled = 5, kExtra = 3, kScores = 4;

std::vector<float> random_values(int n, Random& random) {
  std::vector<float> values;
  for (int i = 0; i < n; ++i) values.push_back(static_cast<float>(random.normal()));
  return values;
}

/// series (1, 2, 12) and extra (1, 3) -> features (1, 3, 5), largest of two positions of a convolution with ReLU, and scores (1, 4) of both.
struct TwoByTwo {
  std::vector<float> taps, bias, weights, score_bias;

  explicit TwoByTwo(Random& random)
      : taps(random_values(kFilters * kChannels * kTaps, random)), bias(random_values(kFilters, random)),
        weights(random_values(kScores * (kFilters * kPooled + kExtra), random)), score_bias(random_values(kScores, random)) {}

  model::Graph graph() const {
    model::Graph graph;
    const auto real = model::DataType::float32;
    graph.name = "two_by_two";
    graph.inputs = {{"series", real, {1, kChannels, kLength}}, {"extra", real, {1, kExtra}}};
    graph.outputs = {{"features", real, {1, kFilters, kPooled}}, {"scores", real, {1, kScores}}};
    graph.initializers = {{"taps", real, {kFilters, kChannels, kTaps}, taps, {}}, {"bias", real, {kFilters}, bias, {}},
                          {"weights", real, {kScores, kFilters * kPooled + kExtra}, weights, {}}, {"score_bias", real, {kScores}, score_bias, {}}};
    using Numbers = std::vector<std::int64_t>;
    graph.nodes = {{"Conv", "conv", {"series", "taps", "bias"}, {"c"}, {{"kernel_shape", Numbers{kTaps}}}},
                   {"Relu", "relu", {"c"}, {"r"}, {}},
                   {"MaxPool", "pool", {"r"}, {"features"}, {{"kernel_shape", Numbers{2}}, {"strides", Numbers{2}}}},
                   {"Flatten", "flatten", {"features"}, {"f"}, {{"axis", std::int64_t{1}}}},
                   {"Concat", "join", {"f", "extra"}, {"j"}, {{"axis", std::int64_t{1}}}},
                   {"Gemm", "linear", {"j", "weights", "score_bias"}, {"scores"}, {{"transB", std::int64_t{1}}}}};
    return graph;
  }

  /// features, then scores
  std::vector<float> compute(const std::vector<float>& series, const std::vector<float>& extra) const {
    std::vector<float> joined, scores;
    const auto at = [](int i) { return static_cast<std::size_t>(i); };
    for (int f = 0; f < kFilters; ++f)
      for (int p = 0; p < kPooled; ++p) {
        float best = 0;
        for (int x = 2 * p; x < 2 * p + 2; ++x) {
          float sum = bias[at(f)];
          for (int c = 0; c < kChannels; ++c)
            for (int k = 0; k < kTaps; ++k) sum += taps[at((f * kChannels + c) * kTaps + k)] * series[at(c * kLength + x + k)];
          best = std::max(best, sum);
        }
        joined.push_back(best);
      }
    std::vector<float> all = joined;
    joined.insert(joined.end(), extra.begin(), extra.end());
    for (std::size_t s = 0; s < kScores; ++s) {
      float sum = score_bias[s];
      for (std::size_t i = 0; i < joined.size(); ++i) sum += weights[s * joined.size() + i] * joined[i];
      all.push_back(sum);
    }
    return all;
  }
};

std::string c_array(const char* name, const std::vector<float>& values) {
  std::string code = std::string("static const float ") + name + "[] = {";
  for (const float value : values) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9e", static_cast<double>(value));
    code += std::string(text) + "f, ";
  }
  return code + "};\n";
}

/// No bundle, no board: code with one function for each input and output, which computes what the network says.
TEST(Cli, NetworkOfSeveralInputsAndOutputsCompilesAlone) {
  const TempFolder folder;
  const auto in = [&](const char* name) { return (folder.path() / name).string(); };
  Random random(3);
  const TwoByTwo network(random);
  const std::vector<float> series = random_values(kChannels * kLength, random), extra = random_values(kExtra, random);
  model::write_onnx(in("net.onnx"), network.graph());
  const Outcome compiled = run("compile " + in("net.onnx") + " --name net --out " + in("build"));
  ASSERT_EQ(compiled.status, 0) << compiled.output;

  const std::size_t outputs = kFilters * kPooled + kScores;
  write_file_atomic(in("main.c"), "#include <stdio.h>\n#include \"net.h\"\n" + c_array("series", series) + c_array("extra", extra) +
                                      "int main(void) {\n  static _Alignas(8) unsigned char arena[NET_ARENA_BYTES];\n  float values[" + std::to_string(outputs) +
                                      "];\n  if (net_self_test(arena) != 0) return 1;\n  net_set_series(arena, series);\n  net_set_extra(arena, extra);\n  net_run(arena);\n"
                                      "  net_get_features(arena, values);\n  net_get_scores(arena, values + " + std::to_string(kFilters * kPooled) +
                                      ");\n  for (int i = 0; i < " + std::to_string(outputs) + "; i++) printf(\"%.9e\\n\", (double)values[i]);\n  return 0;\n}\n");
  const Outcome answers = shell("cc -std=c11 -I" + in("build") + " " + in("main.c") + " " + in("build/net.c") + " -o " + in("net") + " -lm && " + in("net"));
  ASSERT_EQ(answers.status, 0) << answers.output;
  std::istringstream lines(answers.output);
  for (const float expected : network.compute(series, extra)) {
    float found = 0;
    ASSERT_TRUE(lines >> found) << answers.output;
    EXPECT_NEAR(found, expected, 1e-5 * std::max(1.0f, std::abs(expected)));
  }

  const Outcome simulated = run("simulate " + in("build") + " --board nucleo-f767zi --random 2");
  EXPECT_EQ(simulated.status, 1);
  EXPECT_NE(simulated.output.find("window"), std::string::npos) << simulated.output;
}

}  // namespace
}  // namespace ditmos
