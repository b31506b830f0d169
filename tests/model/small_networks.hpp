#pragma once
#include "core/random.hpp"
#include "model/bundle.hpp"

namespace ditmos::model {

inline Tensor random_tensor(const std::string& name, std::vector<std::int64_t> dims, Random& random) {
  Tensor tensor{name, DataType::float32, dims, {}, {}};
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) count *= dim;
  for (std::int64_t i = 0; i < count; ++i) tensor.f.push_back(static_cast<float>(random.normal()));
  return tensor;
}

/// window (1, 2, 12) -> map1 (1, 3, 5) -> logits (1, outputs)
inline Graph small_selector(std::int64_t outputs) {
  Random random(1);
  Graph graph;
  graph.name = "selector";
  graph.inputs = {{"window", DataType::float32, {1, 2, 12}}};
  graph.outputs = {{"logits", DataType::float32, {1, outputs}}, {"map1", DataType::float32, {1, 3, 5}}};
  graph.initializers = {random_tensor("w", {3, 2, 3}, random), random_tensor("b", {3}, random),
                        random_tensor("fw", {outputs, 15}, random), random_tensor("fb", {outputs}, random)};
  graph.nodes = {{"Conv", "conv1", {"window", "w", "b"}, {"c"}, {{"kernel_shape", std::vector<std::int64_t>{3}}}},
                 {"Relu", "relu1", {"c"}, {"r"}, {}},
                 {"MaxPool", "pool1", {"r"}, {"map1"},
                  {{"kernel_shape", std::vector<std::int64_t>{2}}, {"strides", std::vector<std::int64_t>{2}}}},
                 {"Flatten", "flatten", {"map1"}, {"f"}, {{"axis", std::int64_t{1}}}},
                 {"Gemm", "fc", {"f", "fw", "fb"}, {"logits"}, {{"transB", std::int64_t{1}}}}};
  return graph;
}

/// window (1, 2, 12) and map1 (1, 3, 5) -> logits (1, classes)
inline Graph small_classifier(std::int64_t classes) {
  Random random(2);
  Graph graph;
  graph.name = "classifier";
  graph.inputs = {{"window", DataType::float32, {1, 2, 12}}, {"map1", DataType::float32, {1, 3, 5}}};
  graph.outputs = {{"logits", DataType::float32, {1, classes}}};
  graph.initializers = {random_tensor("w", {3, 2, 3}, random), random_tensor("w2", {2, 6, 2}, random),
                        random_tensor("fw", {classes, 8}, random), random_tensor("fb", {classes}, random)};
  graph.nodes = {{"Conv", "conv1", {"window", "w"}, {"c"}, {{"kernel_shape", std::vector<std::int64_t>{3}}}},
                 {"MaxPool", "pool1", {"c"}, {"p"},
                  {{"kernel_shape", std::vector<std::int64_t>{2}}, {"strides", std::vector<std::int64_t>{2}}}},
                 {"Concat", "join", {"p", "map1"}, {"j"}, {{"axis", std::int64_t{1}}}},
                 {"Conv", "conv2", {"j", "w2"}, {"d"}, {{"kernel_shape", std::vector<std::int64_t>{2}}}},
                 {"Flatten", "flatten", {"d"}, {"f"}, {{"axis", std::int64_t{1}}}},
                 {"Gemm", "fc", {"f", "fw", "fb"}, {"logits"}, {{"transB", std::int64_t{1}}}}};
  return graph;
}

/// Every kind of attribute and element type, and a dynamic dimension.
inline Graph every_attribute() {
  Graph graph;
  graph.name = "attributes";
  graph.inputs = {{"x", DataType::float32, {-1, 4}}};
  graph.outputs = {{"y", DataType::float32, {-1, 4}}, {"v", DataType::float32, {2}}, {"u", DataType::float32, {1}},
                   {"q", DataType::int32, {2}}};
  graph.initializers = {{"a", DataType::float32, {2, 2}, {1, -2, 3.5f, 1e-7f}, {}}, {"d", DataType::float64, {}, {0.5f}, {}},
                        {"i8", DataType::int8, {2}, {}, {-128, 127}},               {"u8", DataType::uint8, {2}, {}, {0, 255}},
                        {"i32", DataType::int32, {1}, {}, {-70000}},                {"i64", DataType::int64, {1}, {}, {std::int64_t{1} << 40}},
                        {"bo", DataType::boolean, {2}, {}, {0, 1}}};
  graph.nodes = {
      {"LeakyRelu", "leaky", {"x"}, {"y"}, {{"alpha", 0.25f}}},
      {"Constant", "vector", {}, {"v"}, {{"value_floats", std::vector<float>{1, 2}}}},
      {"Constant", "tensor", {}, {"u"}, {{"value", Tensor{"t", DataType::float32, {1}, {3}, {}}}}},
      {"Cast", "cast", {"i8"}, {"q"}, {{"to", std::int64_t{6}}}},
      {"MaxPool", "pool", {"image"}, {"p"},
       {{"auto_pad", std::string("SAME_UPPER")}, {"kernel_shape", std::vector<std::int64_t>{2, 2}}}}};
  graph.inputs.push_back({"image", DataType::float32, {1, 1, 4, 4}});
  return graph;
}

/// A selector over `classifiers` classifiers of `classes` classes.
inline Bundle small_bundle(int classifiers, int classes) {
  Bundle bundle;
  bundle.method = "ditmos";
  bundle.combine = Combine::select;
  bundle.channels = 2;
  bundle.width = 12;
  bundle.rate_hz = 50;
  bundle.unit = "g";
  for (int i = 0; i < classes; ++i) bundle.classes.push_back("class " + std::to_string(i));
  bundle.networks.push_back(small_selector(classifiers));
  for (int i = 0; i < classifiers; ++i) bundle.networks.push_back(small_classifier(classes));
  bundle.training = {{"seed", 7}};
  bundle.metrics = {{"protocol", "group"}, {"accuracy", 0.5}};
  return bundle;
}

}  // namespace ditmos::model
