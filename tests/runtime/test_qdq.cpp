#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <cmath>

#include "../compile/networks.hpp"
#include "compile/compile.hpp"
#include "compile/interpreter.hpp"
#include "compile/quantize/qdq.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

/// One network with a padded first layer, quantized.
struct Example {
  Program quantized;
  std::vector<float> windows;
  static constexpr std::size_t kCount = 24, kSize = 3 * 61;

  Example() {
    NetworkWriter w("net", 8);
    w.input("window", {1, 3, 61});
    std::string x = w.block(w.batch_norm("window", 3), 3, 6, 9, 2);
    x = w.block(x, 6, 5, 5, 2, {}, 2);
    w.head(x, 5 * 13, 16, 4);
    windows = random_window(kCount * kSize, 9);
    model::Bundle bundle;
    bundle.channels = 3, bundle.width = 61;
    bundle.classes = {"a", "b", "c", "d"};
    bundle.networks.push_back(w.take());
    quantized = prepare(import_bundle(bundle, "net"), "fused", Int8{windows, kCount, {}});
  }
  std::span<const float> window(std::size_t w) const { return std::span(windows).subspan(w * kSize, kSize); }
};

TEST(Qdq, RoundTripGivesTheSameIntegers) {
  const Example example;
  const model::Graph exported = model::parse_onnx(model::serialize_onnx(export_qdq(example.quantized.networks[0])), "net");
  EXPECT_TRUE(is_qdq(exported));
  const Program again = import_qdq(exported, "net", WeightLayout::pairs);
  ASSERT_EQ(again.networks[0].nodes.size(), example.quantized.networks[0].nodes.size());
  for (std::size_t i = 0; i < again.networks[0].nodes.size(); ++i) {
    const Node &a = again.networks[0].nodes[i], &b = example.quantized.networks[0].nodes[i];
    EXPECT_EQ(a.requantize.multiplier, b.requantize.multiplier);
    EXPECT_EQ(again.networks[0].value(a.weights).i, example.quantized.networks[0].value(b.weights).i);
    EXPECT_EQ(again.networks[0].value(a.bias).i, example.quantized.networks[0].value(b.bias).i);
  }
  const Int8Reference first(example.quantized), second(again);
  for (std::size_t w = 0; w < Example::kCount; ++w) EXPECT_EQ(first.run(example.window(w)).logits, second.run(example.window(w)).logits);
}

TEST(Qdq, PassesTheCheckerOfOnnx) {
  const Example example;
  Program select = import_bundle(select_bundle({3, 61, 5, 2, 16, {6, 5, 4}, {9, 5, 3}, true}), "net");
  select = prepare(select, "fused", Int8{example.windows, Example::kCount, {}});
  std::vector<Graph> networks = select.networks;
  networks.push_back(example.quantized.networks[0]);
  for (const Graph& network : networks) {
    onnx::ModelProto proto;
    ASSERT_TRUE(proto.ParseFromString(model::serialize_onnx(export_qdq(network))));
    EXPECT_NO_THROW(onnx::checker::check_model(proto)) << network.name;
  }
}

/// An ONNX runtime computes QDQ in float: the same but for rounding at ties, a step at most.
TEST(Qdq, RunsInFloatWithinAStep) {
  const Example example;
  const Program real = import_network(export_qdq(example.quantized.networks[0]), "net");
  const Int8Reference reference(example.quantized);
  const Graph& graph = example.quantized.networks[0];
  const float step = graph.value(graph.find_output("logits")->value).quantization.scale[0];
  for (std::size_t w = 0; w < 6; ++w) {
    const auto window = example.window(w);
    const auto values = run_graph(real.networks[0], {{"window", {window.begin(), window.end()}}});
    const Port& logits = *real.networks[0].find_output("logits");
    const std::vector<float> found = to_outside(logits, values[static_cast<std::size_t>(logits.value)]);
    const std::vector<float> expected = reference.run(window).real;
    for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(found[k], expected[k], 1.01f * step);
  }
}

TEST(Qdq, RefusesWhatTheKernelsDoNotHave) {
  const Example example;
  const model::Graph good = export_qdq(example.quantized.networks[0]);
  const auto message = [](const model::Graph& graph) {
    try {
      import_qdq(graph, "net", WeightLayout::rows);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(good), "");
  model::Graph asymmetric = good, negative = good, bare = good;
  for (model::Tensor& tensor : asymmetric.initializers) {
    if (tensor.name.ends_with("_weights_zero")) tensor.i[0] = 3;
  }
  EXPECT_NE(message(asymmetric).find("symmetric"), std::string::npos);
  for (model::Tensor& tensor : negative.initializers) {
    if (tensor.name.ends_with("_scale")) tensor.f[0] = -1;
  }
  EXPECT_NE(message(negative).find("not positive"), std::string::npos);
  std::erase_if(bare.nodes, [](const model::Node& node) { return node.op == "QuantizeLinear"; });
  EXPECT_NE(message(bare), "");
  EXPECT_FALSE(is_qdq(bare));
}

}  // namespace
}  // namespace ditmos::compile
