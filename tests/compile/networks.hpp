#pragma once
#include <cmath>

#include "compile/import.hpp"
#include "core/random.hpp"
#include "model/bundle.hpp"

namespace ditmos::compile {

/// Writes ONNX graphs as a trainer's export would: no fusion, batch norms apart.
class NetworkWriter {
 public:
  NetworkWriter(const std::string& name, std::uint64_t seed) : random_(seed) { graph_.name = name; }
  void input(const std::string& name, std::vector<std::int64_t> dims) { graph_.inputs.push_back({name, model::DataType::float32, std::move(dims)}); }
  void output(const std::string& name, std::vector<std::int64_t> dims) { graph_.outputs.push_back({name, model::DataType::float32, std::move(dims)}); }
  std::string constant(std::vector<std::int64_t> dims, double scale, double offset = 0) {
    model::Tensor tensor{"p" + std::to_string(graph_.initializers.size()), model::DataType::float32, dims, {}, {}};
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    for (std::int64_t i = 0; i < count; ++i) tensor.f.push_back(static_cast<float>(offset + scale * random_.normal()));
    graph_.initializers.push_back(tensor);
    return tensor.name;
  }
  std::string node(const std::string& op, std::vector<std::string> inputs, std::map<std::string, model::Attribute> attributes = {}, std::string output = {}) {
    const std::string count = std::to_string(graph_.nodes.size());
    if (output.empty()) output = "v" + count;
    graph_.nodes.push_back({op, op + count, std::move(inputs), {output}, std::move(attributes)});
    return output;
  }
  std::string batch_norm(const std::string& x, std::int64_t channels) {
    const std::string scale = constant({channels}, 0.2, 1), shift = constant({channels}, 0.2), mean = constant({channels}, 0.3);
    const std::string variance = constant({channels}, 0.05, 1);
    return node("BatchNormalization", {x, scale, shift, mean, variance}, {{"epsilon", 1e-5f}});
  }
  using Ints = std::vector<std::int64_t>;
  /// Conv -> BatchNormalization -> Relu -> MaxPool over a series.
  std::string block(const std::string& x, std::int64_t channels, std::int64_t filters, std::int64_t kernel, std::int64_t pool, const std::string& name = {}, std::int64_t pad = 0) {
    std::string y = node("Conv", {x, constant({filters, channels, kernel}, 1 / std::sqrt(static_cast<double>(channels * kernel))), constant({filters}, 0.1)},
                         {{"kernel_shape", Ints{kernel}}, {"pads", Ints{pad, pad}}});
    y = node("Relu", {batch_norm(y, filters)});
    return pool > 1 ? node("MaxPool", {y}, {{"kernel_shape", Ints{pool}}, {"strides", Ints{pool}}}, name) : y;
  }
  std::string linear(const std::string& x, std::int64_t inputs, std::int64_t outputs, const std::string& name = {}) {
    return node("Gemm", {x, constant({outputs, inputs}, 1 / std::sqrt(static_cast<double>(inputs))), constant({outputs}, 0.1)}, {{"transB", std::int64_t{1}}}, name);
  }
  /// Flatten -> Dropout -> Gemm -> Relu -> Gemm.
  void head(const std::string& x, std::int64_t features, std::int64_t hidden, std::int64_t outputs) {
    const std::string flat = node("Dropout", {node("Flatten", {x})});
    linear(node("Relu", {linear(flat, features, hidden)}), hidden, outputs, "logits");
    output("logits", {1, outputs});
  }
  model::Graph take() { return std::move(graph_); }

 private:
  model::Graph graph_;
  Random random_;
};

/// Sizes of a selector and its classifiers; the defaults are the networks of docs/PAPER.md for UniMiB-SHAR.
struct SelectSizes {
  int channels = 3, width = 151, classes = 17, classifiers = 6, hidden = 64;
  int filters[3] = {8, 8, 4};
  int kernels[3] = {15, 9, 5};
  bool maps = true;
};

inline int pooled(int width, int kernel) { return (width - kernel + 1) / 2; }

inline model::Graph selector_graph(const SelectSizes& s, std::uint64_t seed) {
  NetworkWriter w("selector", seed);
  const int w1 = pooled(s.width, s.kernels[0]), w2 = pooled(w1, s.kernels[1]), w3 = pooled(w2, s.kernels[2]);
  w.input("window", {-1, s.channels, s.width});
  std::string x = w.batch_norm("window", s.channels);
  x = w.block(x, s.channels, s.filters[0], s.kernels[0], 2, "map1");
  x = w.block(x, s.filters[0], s.filters[1], s.kernels[1], 2, "map2");
  x = w.block(x, s.filters[1], s.filters[2], s.kernels[2], 2);
  w.head(x, s.filters[2] * w3, s.hidden, s.classifiers);
  if (s.maps) {
    w.output("map1", {1, s.filters[0], w1});
    w.output("map2", {1, s.filters[1], w2});
  }
  return w.take();
}

inline model::Graph classifier_graph(const SelectSizes& s, std::uint64_t seed) {
  NetworkWriter w("classifier", seed);
  const int w1 = pooled(s.width, s.kernels[0]), w2 = pooled(w1, s.kernels[1]), w3 = pooled(w2, s.kernels[2]);
  using Concat = std::map<std::string, model::Attribute>;
  w.input("window", {1, s.channels, s.width});
  if (s.maps) {
    w.input("map1", {1, s.filters[0], w1});
    w.input("map2", {1, s.filters[1], w2});
  }
  std::string x = w.batch_norm("window", s.channels);
  x = w.block(x, s.channels, s.filters[0], s.kernels[0], 2);
  if (s.maps) x = w.node("Concat", {x, "map1"}, Concat{{"axis", std::int64_t{1}}});
  x = w.block(x, s.filters[0] * (s.maps ? 2 : 1), s.filters[1], s.kernels[1], 2);
  if (s.maps) x = w.node("Concat", {x, "map2"}, Concat{{"axis", std::int64_t{1}}});
  x = w.block(x, s.filters[1] * (s.maps ? 2 : 1), s.filters[2], s.kernels[2], 2);
  w.head(x, s.filters[2] * w3, s.hidden, s.classes);
  return w.take();
}

inline model::Bundle select_bundle(const SelectSizes& s, std::uint64_t seed = 1) {
  model::Bundle bundle;
  bundle.method = "ditmos";
  bundle.combine = model::Combine::select;
  bundle.channels = s.channels;
  bundle.width = s.width;
  for (int c = 0; c < s.classes; ++c) bundle.classes.push_back("class " + std::to_string(c));
  bundle.networks.push_back(selector_graph(s, seed));
  for (int k = 0; k < s.classifiers; ++k) bundle.networks.push_back(classifier_graph(s, seed + 1 + static_cast<std::uint64_t>(k)));
  return bundle;
}

inline std::vector<float> random_window(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> window(size);
  for (float& value : window) value = static_cast<float>(random.normal());
  return window;
}

}  // namespace ditmos::compile
