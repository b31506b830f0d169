#include "compile/quantize/reference.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "compile/ops/shapes.hpp"
#include "compile/quantize/kernel_arguments.hpp"
#include "compile/quantize/quantize.hpp"
#include "core/error.hpp"
#include "ditmos/ditmos.h"

namespace ditmos::compile {
namespace {

/// [channels][positions] of the outside to the inside order of a port's value, through the conversion of the chip.
std::vector<std::int8_t> load(const Graph& graph, const Port& port, std::span<const float> window) {
  const Value& value = graph.value(port.value);
  if (window.size() != at(value.size())) {
    throw Error(fmt::format("input \"{}\" has {} values, expected {}", port.name, window.size(), value.size()));
  }
  const Quantization& q = value.quantization;
  const std::size_t channels = port.order.empty() ? 1 : at(extent_of(value.dims).channels), positions = window.size() / channels;
  std::vector<std::int8_t> out(window.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ditmos_quantize_value(window[i % channels * positions + i / channels], q.inverse_step(i), q.zero_point);
  return out;
}

/// Operators that move values run as their float reference, which is exact for integers.
std::vector<std::int8_t> moved(const Graph& graph, const Node& node, const std::vector<std::vector<std::int8_t>>& values) {
  std::vector<Array> inputs;
  std::vector<const Array*> pointers;
  for (const ValueId id : node.inputs) inputs.push_back({graph.value(id).dims, {values[at(id)].begin(), values[at(id)].end()}});
  for (const Array& input : inputs) pointers.push_back(&input);
  Array output{graph.value(node.output).dims, std::vector<float>(at(graph.value(node.output).size()))};
  find_operator(node.op).reference(graph, node, pointers, output);
  std::vector<std::int8_t> result;
  for (const float value : output.data) result.push_back(static_cast<std::int8_t>(value));
  return result;
}

int argmax(const std::vector<std::int8_t>& values) { return ditmos_argmax_s8(static_cast<int>(values.size()), values.data()); }

}  // namespace

Int8Reference::Int8Reference(const Program& program) : program_(program) {
  for (const Graph& graph : program.networks) {
    if (!is_quantized(graph)) throw Error("network \"" + graph.name + "\" is not quantized");
    auto& nodes = packed_.emplace_back();
    for (const Node& node : graph.nodes) {
      Packed packed;
      if (node.weights != kNone) packed = {packed_weights(graph, node, WeightLayout::rows), folded_bias(graph, node)};
      nodes.push_back(std::move(packed));
    }
  }
}

void Int8Reference::run_node(const Graph& graph, const Node& node, const Packed& packed, Values& values) const {
  const Value& output = graph.value(node.output);
  std::vector<std::int8_t>& out = values[at(node.output)];
  out.resize(at(output.size()));
  const std::vector<std::int8_t>& in = values[at(node.inputs[0])];
  if (node.op == "conv") {
    const ditmos_conv_shape shape = conv_shape(graph, node);
    const ditmos_requant q = requant(graph, node, packed.bias.data());
    const int pad = graph.value(node.inputs[0]).quantization.zero_point;
    if (node.groups == 1) {
      const std::int8_t* extra = node.inputs.size() > 1 ? values[at(node.inputs[1])].data() : nullptr;
      ditmos_conv_s8(shape, DITMOS_ROWS, in.data(), extra, pad, packed.weights.data(), q, out.data());
    } else {
      ditmos_depthwise_s8(shape, in.data(), pad, packed.weights.data(), q, out.data());
    }
  } else if (node.op == "linear") {
    std::vector<std::int8_t> all;
    for (const ValueId id : node.inputs) all.insert(all.end(), values[at(id)].begin(), values[at(id)].end());
    ditmos_linear_s8(static_cast<int>(all.size()), output.size(), DITMOS_ROWS, all.data(), packed.weights.data(),
                     requant(graph, node, packed.bias.data()), out.data());
  } else if (node.op == "average_pool") {
    ditmos_average_pool_s8(pool_shape(graph, node), in.data(), out.data());
  } else if (node.op == "max_pool") {
    ditmos_max_pool_s8(pool_shape(graph, node), in.data(), out.data());
  } else {
    out = moved(graph, node, values);
  }
}

Int8Reference::Values Int8Reference::run_network(std::size_t network, std::span<const float> window, Maps& maps) const {
  const Graph& graph = program_.networks.at(network);
  Values values(graph.values.size());
  for (const Port& port : graph.inputs) {
    const auto map = maps.find(port.name);
    values[at(port.value)] = map != maps.end() ? map->second : load(graph, port, window);
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) run_node(graph, graph.nodes[i], packed_[network][i], values);
  for (const Port& port : graph.outputs) {
    if (port.name != "logits") maps[port.name] = values[at(port.value)];
  }
  return values;
}

Int8Reference::Result Int8Reference::run(std::span<const float> window) const {
  Result result;
  Maps maps;
  const auto logits_value = [&](std::size_t network) {
    const Graph& graph = program_.networks.at(network);
    return (graph.find_output("logits") ? *graph.find_output("logits") : graph.outputs.at(0)).value;
  };
  const auto logits_of = [&](std::size_t network) {
    const Quantization& q = program_.networks[network].value(logits_value(network)).quantization;
    std::vector<std::int8_t> logits = run_network(network, window, maps)[at(logits_value(network))];
    result.real.resize(logits.size());
    ditmos_dequantize_s8(static_cast<int>(logits.size()), q.scale[0], q.zero_point, logits.data(), result.real.data());
    return logits;
  };
  if (program_.combine == model::Combine::average) {
    std::vector<float> sum(program_.classes.size(), 0.0f);
    for (std::size_t n = 0; n < program_.networks.size(); ++n) {
      const auto logits = logits_of(n);
      const float scale = program_.networks[n].value(logits_value(n)).quantization.scale[0];
      ditmos_add_softmax_s8(static_cast<int>(sum.size()), scale, logits.data(), sum.data());
    }
    for (float& value : sum) value /= static_cast<float>(program_.networks.size());
    result.real = sum;
    result.label = ditmos_argmax_f32(static_cast<int>(sum.size()), sum.data());
    return result;
  }
  std::size_t answering = 0;
  if (program_.combine == model::Combine::select) {
    result.selector = logits_of(0);
    result.choice = argmax(result.selector);
    answering = static_cast<std::size_t>(result.choice) + 1;
  }
  result.logits = logits_of(answering);
  result.label = argmax(result.logits);
  return result;
}

}  // namespace ditmos::compile
