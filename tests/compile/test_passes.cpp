#include <gtest/gtest.h>

#include <algorithm>

#include "compile/import.hpp"
#include "compile/interpreter.hpp"
#include "compile/passes/list.hpp"
#include "compile/passes/passes.hpp"
#include "core/error.hpp"
#include "networks.hpp"

namespace ditmos::compile {
namespace {

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> ops;
  for (const Node& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

std::map<std::string, std::vector<float>> random_inputs(const Graph& graph, std::uint64_t seed) {
  std::map<std::string, std::vector<float>> inputs;
  for (const Port& port : graph.inputs) inputs[port.name] = random_window(static_cast<std::size_t>(graph.value(port.value).size()), seed++);
  return inputs;
}

/// Every output of both graphs, as the outside sees it, within 1e-5 of the largest.
void expect_same_outputs(const Graph& a, const Graph& b, std::uint64_t seed) {
  const auto inputs = random_inputs(a, seed);
  const std::vector<Array> left = run_graph(a, inputs), right = run_graph(b, inputs);
  for (const Port& port : a.outputs) {
    const Port* other = b.find_output(port.name);
    ASSERT_TRUE(other);
    EXPECT_EQ(port.dims, other->dims);
    const auto x = to_outside(port, left[static_cast<std::size_t>(port.value)]), y = to_outside(*other, right[static_cast<std::size_t>(other->value)]);
    ASSERT_EQ(x.size(), y.size());
    float largest = 0;
    for (const float value : x) largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0);
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 1e-5 * largest) << port.name << " " << i;
  }
}

TEST(Passes, PaperNetworksBecomeFiveStepsEach) {
  SelectSizes thin;  // of one channel and filter, where a transpose moves nothing
  thin.channels = 1;
  for (int& filters : thin.filters) filters = 1;
  for (const SelectSizes& sizes : {SelectSizes{}, thin})
    for (const model::Graph& source : {selector_graph(sizes, 1), classifier_graph(sizes, 2)}) {
      const Graph before = import_graph(source);
      Graph after = before;
      const auto records = optimize(after, FusionLevel::fused);
      EXPECT_EQ(ops_of(after), (std::vector<std::string>{"conv", "conv", "conv", "linear", "linear"})) << source.name;
      EXPECT_GT(records.size(), 5u);
      expect_same_outputs(before, after, 3);
    }
}

TEST(Passes, WeightsOfThePaperAreCountedAsDerived) {
  // PAPER.md: 4,898 and 6,349 parameters, 91,752 and 131,176 MACs.
  const SelectSizes sizes;
  const std::pair<model::Graph, std::pair<int, int>> rows[] = {{selector_graph(sizes, 1), {4898, 91752}}, {classifier_graph(sizes, 2), {6349, 131176}}};
  for (const auto& [source, expected] : rows) {
    Graph graph = import_graph(source);
    optimize(graph, FusionLevel::fused);
    int parameters = 0;
    std::int64_t macs = 0;
    for (const Node& node : graph.nodes) {
      parameters += graph.value(node.weights).size() + graph.value(node.bias).size();
      macs += find_operator(node.op).macs(graph, node);
    }
    EXPECT_EQ(parameters, expected.first);
    EXPECT_EQ(macs, expected.second);
  }
}

TEST(Passes, LayerwiseKeepsPoolsAndConcatenations) {
  Graph graph = import_graph(classifier_graph({}, 2));
  const Graph before = graph;
  optimize(graph, FusionLevel::layerwise);
  const auto ops = ops_of(graph);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "max_pool"), 3);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "concat"), 2);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "transpose"), 0);
  expect_same_outputs(before, graph, 4);
}

TEST(Passes, EachCanBeSkippedAndTheFunctionStays) {
  const Graph before = import_graph(classifier_graph({}, 2));
  Graph all = before;
  for (const PassRecord& record : optimize(all, FusionLevel::fused)) {
    Graph graph = before;
    const auto records = optimize(graph, FusionLevel::fused, {record.name});
    EXPECT_TRUE(std::none_of(records.begin(), records.end(), [&](const PassRecord& r) { return r.name == record.name; }));
    expect_same_outputs(before, graph, 5);
  }
}

TEST(Passes, BatchNormInFrontOfPaddingStays) {
  NetworkWriter w("padded", 1);
  w.input("window", {1, 3, 20});
  w.block(w.batch_norm("window", 3), 3, 4, 5, 2, "y", 2);
  w.output("y", {1, 4, 10});
  Graph graph = import_graph(w.take());
  const Graph before = graph;
  optimize(graph, FusionLevel::fused);
  EXPECT_EQ(ops_of(graph), (std::vector<std::string>{"affine", "conv"}));
  expect_same_outputs(before, graph, 6);
}

TEST(Passes, GroupedConvolutionAndImagesFold) {
  using Ints = std::vector<std::int64_t>;
  NetworkWriter w("image", 1);
  w.input("window", {1, 4, 9, 8});
  std::string x = w.batch_norm("window", 4);
  x = w.node("Conv", {x, w.constant({4, 1, 3, 3}, 0.3)}, {{"group", std::int64_t{4}}, {"kernel_shape", Ints{3, 3}}});
  x = w.node("Relu", {w.batch_norm(x, 4)});
  x = w.node("Conv", {x, w.constant({6, 4, 1, 1}, 0.5)}, {{"kernel_shape", Ints{1, 1}}});
  x = w.node("Relu", {w.batch_norm(x, 6)});
  x = w.node("MaxPool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  x = w.node("GlobalAveragePool", {x});
  w.linear(w.node("Flatten", {x}), 6, 5, "logits");
  w.output("logits", {1, 5});
  Graph graph = import_graph(w.take());
  const Graph before = graph;
  optimize(graph, FusionLevel::fused);
  EXPECT_EQ(ops_of(graph), (std::vector<std::string>{"conv", "conv", "average_pool", "linear"}));
  expect_same_outputs(before, graph, 7);
}

TEST(Passes, ResidualAddAndMeanNeedNoTranspose) {
  NetworkWriter w("residual", 1);
  w.input("window", {1, 4, 12});
  std::string x = w.block("window", 4, 4, 3, 1, "", 1);
  x = w.node("Add", {x, "window"});
  x = w.node("Mul", {x, w.constant({4, 1}, 0.5)});
  x = w.node("ReduceMean", {x}, {{"axes", std::vector<std::int64_t>{2}}, {"keepdims", std::int64_t{0}}});
  w.linear(x, 4, 3, "logits");
  w.output("logits", {1, 3});
  Graph graph = import_graph(w.take());
  const Graph before = graph;
  optimize(graph, FusionLevel::fused);
  EXPECT_EQ(ops_of(graph), (std::vector<std::string>{"conv", "add", "mul", "reduce_mean", "linear"}));
  expect_same_outputs(before, graph, 8);
}

TEST(Passes, VerifierNamesTheFault) {
  Graph graph = import_graph(selector_graph({}, 1));
  optimize(graph, FusionLevel::fused);
  EXPECT_NO_THROW(verify(graph));
  Graph broken = graph;
  std::swap(broken.nodes[0], broken.nodes[1]);
  EXPECT_THROW(verify(broken), Error);
  broken = graph;
  broken.value(broken.nodes[2].output).dims[1] += 1;
  EXPECT_THROW(verify(broken), Error);
  broken = graph;
  broken.value(broken.nodes[0].weights).f.pop_back();
  EXPECT_THROW(verify(broken), Error);
}

TEST(Passes, ProgramsAnswerAsTheirNetworksSay) {
  const model::Bundle bundle = select_bundle({});
  const Program before = import_bundle(bundle, "paper");
  Program after = before;
  for (Graph& network : after.networks) optimize(network, FusionLevel::fused);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto window = random_window(453, 100 + seed);
    const ProgramResult a = run_program(before, window), b = run_program(after, window);
    EXPECT_EQ(a.choice, b.choice);
    EXPECT_EQ(a.label, b.label);
    ASSERT_EQ(a.logits.size(), 17u);
    for (std::size_t i = 0; i < a.logits.size(); ++i) EXPECT_NEAR(a.logits[i], b.logits[i], 1e-5);
  }
}

}  // namespace
}  // namespace ditmos::compile
