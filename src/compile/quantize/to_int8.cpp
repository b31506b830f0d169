#include "compile/quantize/to_int8.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "compile/ops/shapes.hpp"
#include "compile/passes/list.hpp"
#include "compile/quantize/quantize.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

constexpr int kMostShift = 22;  // requantize.h
constexpr double kLimitRatio = 0.24999;

/// Weights and bias become integers; returns the largest ratio of scales of sum and output.
double quantize_weights(Graph& graph, Node& node, const std::vector<float>& scales) {
  const float input_scale = graph.value(node.inputs[0]).quantization.scale[0];
  const float output_scale = graph.value(node.output).quantization.scale[0];
  Value weights = graph.value(node.weights);
  const int filters = weights.dims[0], n = weights.size() / filters;
  weights.type = Type::s8;
  weights.quantization = {scales, 0, {}, {}};
  weights.i.reserve(weights.f.size());
  for (std::size_t i = 0; i < weights.f.size(); ++i) {
    const float q = std::round(weights.f[i] / scales[i / at(n)]);
    weights.i.push_back(static_cast<std::int32_t>(std::clamp(q, -127.0f, 127.0f)));
  }
  weights.f.clear();
  Value bias;
  bias.name = node.name + ".bias";
  if (node.bias != kNone) bias = graph.value(node.bias);
  bias.dims = {filters};
  bias.constant = true;
  bias.type = Type::s32;
  bias.quantization.scale.clear();
  double largest = 0;
  for (int f = 0; f < filters; ++f) {
    const float scale = input_scale * scales[at(f)];
    bias.quantization.scale.push_back(scale);
    const double real = bias.f.empty() ? 0 : bias.f[at(f)];
    bias.i.push_back(static_cast<std::int32_t>(std::llround(real / (static_cast<double>(input_scale) * scales[at(f)]))));
    largest = std::max(largest, static_cast<double>(input_scale) * scales[at(f)] / output_scale);
  }
  bias.f.clear();
  node.weights = graph.add_value(std::move(weights));  // a constant may have several readers with other inputs
  node.bias = graph.add_value(std::move(bias));
  return largest;
}

/// Every partial sum of the kernels stays within int32, or the layer is refused.
void prove_accumulators(const Graph& graph, const Node& node) {
  const Value& weights = graph.value(node.weights);
  const std::vector<std::int32_t> bias = folded_bias(graph, node);
  const int filters = weights.dims[0], n = weights.size() / filters;
  for (int f = 0; f < filters; ++f) {
    std::int64_t most = std::abs(std::int64_t{bias[at(f)]});
    for (int k = 0; k < n; ++k) most += std::int64_t{128} * std::abs(weights.i[at(f * n + k)]);
    if (most > std::numeric_limits<std::int32_t>::max()) {
      refuse(node, fmt::format("the sum of filter {} can reach {}, more than int32 holds", f, most));
    }
  }
}

/// Whether sums of every filter stay within the 23 bits of paired weights (runtime/include/ditmos/sum_s8.h).
bool fits_pairs(const Graph& graph, const Node& node) {
  const Value& weights = graph.value(node.weights);
  const int filters = weights.dims[0], n = weights.size() / filters;
  for (int f = 0; f < filters; ++f) {
    std::int64_t most = 0;
    for (int k = 0; k < n; ++k) most += std::int64_t{128} * std::abs(weights.i[at(f * n + k)]);
    if (most >= 1 << 23) return false;
  }
  return true;
}

/// Shift that makes the most of 31 bits for the largest ratio.
int shift_for(double ratio) {
  int shift = kMostShift;
  while (shift > 1 && std::round(ratio * std::ldexp(1.0, 32 + shift)) > 2147483647.0) --shift;
  return shift;
}

void set_multipliers(Graph& graph, Node& node, int shift) {
  const double input_scale = graph.value(node.inputs[0]).quantization.scale[0];
  const Quantization& output = graph.value(node.output).quantization;
  node.requantize.shift = shift;
  node.requantize.multiplier.clear();
  for (const float scale : graph.value(node.weights).quantization.scale) {
    node.requantize.multiplier.push_back(static_cast<std::int32_t>(std::llround(input_scale * scale / output.scale[0] * std::ldexp(1.0, 32 + shift))));
  }
  const double low = std::isinf(node.clamp.low) ? -128 : std::round(node.clamp.low / output.scale[0]) + output.zero_point;
  node.requantize.low = static_cast<std::int32_t>(std::clamp(low, -128.0, 127.0));
}

}  // namespace

/// Scale of each filter's weights: its largest magnitude over 127, larger where the bias would leave 24 bits.
std::vector<float> weight_scales(const Graph& graph, const Node& node, float input_scale) {
  const Value& weights = graph.value(node.weights);
  const int filters = weights.dims[0], n = weights.size() / filters;
  std::vector<float> scales;
  for (int f = 0; f < filters; ++f) {
    float most = 0;
    for (int k = 0; k < n; ++k) most = std::max(most, std::abs(weights.f[at(f * n + k)]));
    float scale = most / 127;
    if (node.bias != kNone) scale = std::max(scale, std::abs(graph.value(node.bias).f[at(f)]) / (input_scale * static_cast<float>(1 << 24)));
    scales.push_back(scale);
  }
  // A filter of zeros without bias may have any scale.
  const float largest = std::max(*std::max_element(scales.begin(), scales.end()), 1e-6f);
  for (float& scale : scales) {
    if (!(scale > std::numeric_limits<float>::min())) scale = largest;
  }
  return scales;
}

void check_int8_operators(const Graph& graph) {
  static const std::vector<std::string> kTaken = {"conv", "linear", "max_pool", "average_pool", "concat", "reshape", "transpose", "slice"};
  for (const Node& node : graph.nodes) {
    if (std::find(kTaken.begin(), kTaken.end(), node.op) == kTaken.end()) {
      throw Error(fmt::format("network \"{}\": there is no int8 rule for {} \"{}\"", graph.name, node.op, node.name), "compile it as float32");
    }
    if (node.op == "average_pool") {
      const bool padded = node.window.pad_before[0] + node.window.pad_before[1] + node.window.pad_after[0] + node.window.pad_after[1] > 0;
      expect(!padded, node, "there is no int8 rule for an average pool with padding");
    }
    if (node.op == "conv") {
      const bool depthwise = node.inputs.size() == 1 && node.groups == extent_of(input_dims(graph, node)).channels && node.groups == graph.value(node.weights).dims[0];
      expect(node.window.dilation[0] == 1 && node.window.dilation[1] == 1, node, "there is no int8 kernel for dilation");
      expect(node.groups == 1 || depthwise, node, "there is no int8 kernel for groups of several channels");
      expect(node.inputs.size() <= 2, node, "there is no int8 kernel for more than two maps side by side");
    }
    for (const ValueId input : node.inputs) expect(!graph.value(input).constant, node, "there is no int8 rule for a constant among its inputs");
    if (has_weights(node) && graph.value(node.weights).type != Type::f32) refuse(node, "its weights are not float32");
    if (!has_weights(node)) expect(node.clamp.is_none(), node, "there is no int8 rule for a clamp behind it");
  }
}

std::vector<std::int32_t> folded_bias(const Graph& graph, const Node& node) {
  const Value& weights = graph.value(node.weights);
  const std::int32_t zero = graph.value(node.inputs[0]).quantization.zero_point;
  std::vector<std::int32_t> bias = graph.value(node.bias).i;
  const std::size_t n = weights.i.size() / bias.size();
  for (std::size_t f = 0; f < bias.size(); ++f) {
    const auto first = weights.i.begin() + static_cast<std::ptrdiff_t>(f * n);
    const std::int64_t sum = std::accumulate(first, first + static_cast<std::ptrdiff_t>(n), std::int64_t{0});
    const std::int64_t folded = bias[f] - zero * sum;
    if (std::abs(folded) > std::numeric_limits<std::int32_t>::max()) refuse(node, fmt::format("the bias of filter {} leaves int32", f));
    bias[f] = static_cast<std::int32_t>(folded);
  }
  return bias;
}

bool is_quantized(const Graph& graph) {
  return !graph.nodes.empty() && graph.value(graph.nodes.front().output).type == Type::s8;
}

Program to_int8(const Program& program, const Sharing& sharing, const Int8Scales& scales, WeightLayout layout) {
  Program result = program;
  std::vector<std::vector<double>> ratios;
  for (std::size_t n = 0; n < result.networks.size(); ++n) {
    Graph& graph = result.networks[n];
    for (ValueId id = 0; id < static_cast<ValueId>(graph.values.size()); ++id) {
      Value& value = graph.value(id);
      if (value.constant || !sharing.is_used(n, id)) continue;
      value.type = Type::s8;
      value.quantization = scales.activation(n, id);
    }
    auto& mine = ratios.emplace_back();
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      Node& node = graph.nodes[i];
      mine.push_back(0);
      if (!has_weights(node)) continue;
      const float input_scale = graph.value(node.inputs[0]).quantization.scale[0];
      mine.back() = quantize_weights(graph, node, scales.weights ? scales.weights(n, i) : weight_scales(graph, node, input_scale));
      if (mine.back() > kLimitRatio) refuse(node, fmt::format("the scale of its sums is {:.3g} of its output's, which must be below 1/4", mine.back()));
      prove_accumulators(graph, node);
    }
  }
  for (std::size_t n = 0; n < result.networks.size(); ++n) {
    Graph& graph = result.networks[n];
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (!has_weights(graph.nodes[i])) continue;
      double ratio = 0;
      bool paired = layout == WeightLayout::pairs && graph.nodes[i].groups == 1;
      for (std::size_t other = 0; other < result.networks.size(); ++other) {
        if (!sharing.alike(n, other)) continue;
        ratio = std::max(ratio, ratios[other][i]);
        paired = paired && fits_pairs(result.networks[other], result.networks[other].nodes[i]);
      }
      graph.nodes[i].requantize.paired = paired;
      set_multipliers(graph, graph.nodes[i], shift_for(ratio));
    }
    drop_unused_values(graph);
    verify(graph);
  }
  return result;
}

}  // namespace ditmos::compile
