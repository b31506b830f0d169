#include "method/export.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ditmos::method {
namespace {

using model::DataType;
using model::Graph;
using model::Node;
using Dims = std::vector<std::int64_t>;

/// Builds the graph of one network, block by block.
class Builder {
 public:
  Builder(nn::Network<float>& network, const std::string& name) : spec_(network.spec()), flat_(spec_.input.height == 1) {
    graph_.name = name;
    for (auto& p : network.parameters()) add_initializer(p);
    for (auto& p : network.statistics()) add_initializer(p);
  }

  Graph build(const std::vector<int>& maps) {
    graph_.inputs.push_back({"window", DataType::float32, dims_of(spec_.input)});
    std::string value = "window";
    if (spec_.input_norm) value = batch_norm("input_norm", value);
    const auto shapes = spec_.block_shapes();
    for (std::size_t b = 0; b < shapes.size(); ++b) {
      const int number = static_cast<int>(b) + 1;
      const bool exported = std::find(maps.begin(), maps.end(), number) != maps.end();
      value = block(b, number, value, exported ? fmt::format("map{}", number) : fmt::format("block{}", number), b ? shapes[b - 1] : spec_.input);
    }
    if (spec_.global_average_pool) value = add("GlobalAveragePool", "pool", {value});
    value = add("Flatten", "flatten", {value}, {{"axis", std::int64_t{1}}});
    for (std::size_t l = 0; l <= spec_.hidden.size(); ++l) {
      const std::string name = fmt::format("linear{}", l + 1);
      const bool last = l == spec_.hidden.size();
      value = add("Gemm", name, {value, name + ".weight", name + ".bias"}, {{"transB", std::int64_t{1}}}, last ? "logits" : "");
      if (!last) value = add("Relu", name + ".relu", {value});
    }
    graph_.outputs.push_back({"logits", DataType::float32, {1, spec_.outputs}});
    for (const int number : maps)
      graph_.outputs.push_back({fmt::format("map{}", number), DataType::float32, dims_of(shapes.at(static_cast<std::size_t>(number - 1)))});
    return std::move(graph_);
  }

 private:
  Dims dims_of(const nn::Shape& s) const { return flat_ ? Dims{1, s.channels, s.width} : Dims{1, s.channels, s.height, s.width}; }

  void add_initializer(const nn::Parameter<float>& p) {
    model::Tensor tensor;
    tensor.name = p.name;
    tensor.dims.assign(p.dims.begin(), p.dims.end());
    if (flat_ && p.dims.size() == 4) tensor.dims.erase(tensor.dims.begin() + 2);  // a series' kernels have height 1
    tensor.f.assign(p.value.begin(), p.value.end());
    graph_.initializers.push_back(std::move(tensor));
  }

  std::string add(const std::string& op, const std::string& name, std::vector<std::string> inputs, std::map<std::string, model::Attribute> attributes = {},
                  std::string output = {}) {
    if (output.empty()) output = name + ".out";
    graph_.nodes.push_back({op, name, std::move(inputs), {output}, std::move(attributes)});
    return output;
  }

  std::string batch_norm(const std::string& name, const std::string& input) {
    return add("BatchNormalization", name, {input, name + ".weight", name + ".bias", name + ".mean", name + ".variance"}, {{"epsilon", 1e-5f}});
  }

  Dims sides(int height, int width) const { return flat_ ? Dims{width} : Dims{height, width}; }

  std::string block(std::size_t index, int number, std::string value, const std::string& output, const nn::Shape& input) {
    const nn::BlockSpec& b = spec_.blocks[index];
    const std::string name = fmt::format("block{}", number);
    if (b.extra_channels > 0) {
      const std::string map = fmt::format("map{}", number - 1);
      graph_.inputs.push_back({map, DataType::float32, dims_of({b.extra_channels, input.height, input.width})});
      value = add("Concat", name + ".concat", {value, map}, {{"axis", std::int64_t{1}}});
    }
    Dims pads = sides(b.pad_height, b.pad_width);
    const Dims after = pads;
    pads.insert(pads.end(), after.begin(), after.end());
    const std::int64_t group = b.depthwise ? input.channels + b.extra_channels : 1;
    value = add("Conv", name + ".conv", {value, name + ".conv.weight", name + ".conv.bias"},
                {{"kernel_shape", sides(b.kernel_height, b.kernel_width)}, {"strides", sides(flat_ ? 1 : b.stride, b.stride)}, {"pads", pads}, {"group", group}});
    value = batch_norm(name + ".norm", value);
    if (b.pool_height * b.pool_width == 1) return add("Relu", name + ".relu", {value}, {}, output);
    value = add("Relu", name + ".relu", {value});
    const Dims window = sides(b.pool_height, b.pool_width);
    return add("MaxPool", name + ".pool", {value}, {{"kernel_shape", window}, {"strides", window}}, output);
  }

  const nn::NetworkSpec& spec_;
  bool flat_;
  Graph graph_;
};

}  // namespace

Graph to_graph(nn::Network<float>& network, const std::string& name, const std::vector<int>& maps) { return Builder(network, name).build(maps); }

std::vector<Graph> to_graphs(Committee& committee) {
  std::vector<Graph> graphs;
  std::vector<int> maps;
  const auto& blocks = committee.classifiers().network(0).spec().blocks;
  for (std::size_t b = 1; b < blocks.size(); ++b)
    if (blocks[b].extra_channels) maps.push_back(static_cast<int>(b));
  if (committee.has_selector()) graphs.push_back(to_graph(committee.selector(), "selector", maps));
  for (int k = 0; k < committee.size(); ++k) {
    const std::string name = committee.combine() == model::Combine::single    ? "network"
                             : committee.combine() == model::Combine::average ? fmt::format("member_{}", k)
                                                                              : fmt::format("classifier_{}", k);
    graphs.push_back(to_graph(committee.classifiers().network(k), name, {}));
  }
  return graphs;
}

model::Bundle to_bundle(Committee& committee, const Setup& setup) {
  model::Bundle bundle;
  bundle.method = setup.config.method;
  bundle.combine = committee.combine();
  bundle.channels = setup.dataset.channels;
  bundle.height = setup.dataset.height;
  bundle.width = setup.dataset.width;
  bundle.rate_hz = setup.dataset.rate_hz;
  bundle.unit = setup.dataset.unit;
  bundle.classes = setup.dataset.classes;
  if (!setup.dataset.front_end.empty()) bundle.front_end = parse_json(setup.dataset.front_end, setup.dataset.name + ": front end");
  if (!setup.dataset.stream.empty()) bundle.stream = parse_json(setup.dataset.stream, setup.dataset.name + ": stream");
  bundle.networks = to_graphs(committee);
  return bundle;
}

}  // namespace ditmos::method
