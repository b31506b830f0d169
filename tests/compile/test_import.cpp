#include <gtest/gtest.h>

#include "compile/import.hpp"
#include "core/error.hpp"
#include "networks.hpp"

namespace ditmos::compile {
namespace {

using Ints = std::vector<std::int64_t>;

/// Builds a graph, expects import to refuse it with `message`.
template <class Build>
void expect_refused(Build build, const std::string& message) {
  NetworkWriter w("bad", 1);
  build(w);
  try {
    import_graph(w.take());
    ADD_FAILURE() << "accepted, expected: " << message;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(Import, NamesWhatItRefuses) {
  const auto with = [](auto build) {
    return [build](NetworkWriter& w) {
      w.input("x", {1, 3, 20});
      build(w);
      w.output("y", {1});
    };
  };
  expect_refused(with([](NetworkWriter& w) { w.node("LSTM", {"x"}, {}, "y"); }), "node 0 (LSTM \"LSTM0\"): the operator is not supported");
  expect_refused(with([](NetworkWriter& w) { w.node("Conv", {"x", "x"}, {}, "y"); }), "input \"x\" must be a constant");
  expect_refused(with([](NetworkWriter& w) { w.node("Conv", {"x", w.constant({4, 2, 3}, 1)}, {}, "y"); }), "differ in channels");
  expect_refused(with([](NetworkWriter& w) { w.node("Conv", {"x", w.constant({4, 3, 30}, 1)}, {}, "y"); }), "larger than the padded input");
  expect_refused(with([](NetworkWriter& w) { w.node("Conv", {"x", w.constant({4, 3, 3}, 1)}, {{"strides", Ints{0}}}, "y"); }), "a stride of 0");
  expect_refused(with([](NetworkWriter& w) { w.node("Conv", {"x", w.constant({4, 3, 3}, 1)}, {{"strides", Ints{1, 1}}}, "y"); }), "wrong number");
  expect_refused(with([](NetworkWriter& w) { w.node("Conv", {"x", w.constant({4, 3, 3}, 1)}, {{"auto_pad", std::string("FULL")}}, "y"); }), "FULL");
  expect_refused(with([](NetworkWriter& w) { w.node("MaxPool", {"x"}, {{"kernel_shape", 2.0f}}, "y"); }), "no list of integers");
  expect_refused(with([](NetworkWriter& w) { w.node("Flatten", {"x"}, {{"axis", std::int64_t{9}}}, "y"); }), "axis 9");
  expect_refused(with([](NetworkWriter& w) { w.node("Reshape", {"x", "x"}, {}, "y"); }), "constant of integers");
  expect_refused(with([](NetworkWriter& w) { w.node("Softmax", {"x"}, {{"axis", std::int64_t{-4}}}, "y"); }), "axis -4");
  expect_refused(with([](NetworkWriter& w) { w.node("Concat", {"x", w.constant({1, 3, 7}, 1)}, {{"axis", std::int64_t{1}}}, "y"); }), "differ in more than the axis");
  expect_refused(with([](NetworkWriter& w) { w.node("Add", {"x", w.constant({7}, 1)}, {}, "y"); }), "broadcast");
  expect_refused(with([](NetworkWriter& w) { w.node("Pad", {"x"}, {{"pads", Ints{0, 0, -1, 0, 0, 0}}}, "y"); }), "negative");
  expect_refused(with([](NetworkWriter& w) { w.node("Pad", {"x"}, {{"mode", std::string("wrap")}}, "y"); }), "wrap");
  expect_refused(with([](NetworkWriter& w) { w.node("Transpose", {"x"}, {{"perm", Ints{0, 0, 1}}}, "y"); }), "named twice");
  expect_refused(with([](NetworkWriter& w) { w.node("BatchNormalization", {"x", w.constant({3}, 1), w.constant({3}, 1), w.constant({3}, 1), w.constant({3}, 0.1, -2)}, {}, "y"); }), "variance");
}

TEST(Import, DynamicShapesNeedAValueExceptTheBatch) {
  expect_refused(
      [](NetworkWriter& w) {
        w.input("x", {-1, 3, -1});
        w.node("Relu", {"x"}, {}, "y");
        w.output("y", {1});
      },
      "dynamic shape: dimension 2");
  NetworkWriter w("batch", 1);
  w.input("x", {-1, 3, 5});
  w.node("Relu", {"x"}, {}, "y");
  w.output("y", {-1, 3, 5});
  EXPECT_EQ(import_graph(w.take()).inputs[0].dims, (std::vector<int>{1, 3, 5}));
}

TEST(Import, HugeShapesAreRefusedBeforeAnythingIsAllocated) {
  expect_refused(
      [](NetworkWriter& w) {
        w.input("x", {1, 1 << 20, 1 << 20});
        w.node("Relu", {"x"}, {}, "y");
        w.output("y", {1});
      },
      "2^28");
  expect_refused(
      [](NetworkWriter& w) {
        w.input("x", {1, 1, 4});
        w.node("Pad", {"x"}, {{"pads", Ints{1 << 20, 0, 0, 1 << 20, 1 << 20, 1 << 20}}}, "y");
        w.output("y", {1});
      },
      "2^28");
}

TEST(Import, BundleErrorsNameTheNetwork) {
  model::Bundle bundle = select_bundle({});
  bundle.networks[3].nodes[1].op = "Mystery";
  try {
    import_bundle(bundle, "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("classifier_2: node 1 (Mystery"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace ditmos::compile
