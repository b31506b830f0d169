#include "compile/quantize/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "compile/ops/shapes.hpp"
#include "compile/passes/list.hpp"
#include "compile/quantize/ranges.hpp"
#include "compile/quantize/sharing.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

constexpr int kMostShift = 22;      // requantize.h
constexpr std::size_t kFewestWindows = 16;  // that calibrate a classifier
constexpr double kMostRatio = 0.2499;  // of scales of accumulator and output: multiplier < 2^31 with shift 1

bool has_weights(const Node& node) { return node.op == "conv" || node.op == "linear"; }

/// Real scale and zero point that cover the range. `symmetric`: zero point 0.
Quantization quantization_of(Range range, bool symmetric) {
  Quantization q;
  if (symmetric) {
    const float most = std::max(-range.low, range.high);
    q.scale = {most > 0 ? most / 127 : 1.0f};
    return q;
  }
  const float width = range.high - range.low;
  q.scale = {width > 0 ? width / 255 : 1.0f};
  q.zero_point = static_cast<std::int32_t>(std::lround(std::clamp(-128 - static_cast<double>(range.low) / q.scale[0], -128.0, 127.0)));
  return q;
}

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
    scales.push_back(scale > std::numeric_limits<float>::min() ? scale : 1.0f / 127);
  }
  return scales;
}

void check_operators(const Graph& graph) {
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
    if (has_weights(node) && graph.value(node.weights).type != Type::f32) refuse(node, "its weights are not float32");
    if (!has_weights(node)) expect(node.clamp.is_none(), node, "there is no int8 rule for a clamp behind it");
  }
}

/// Scales of all activations, by group.
class Scales {
 public:
  Scales(const Program& program, const Sharing& sharing, std::vector<Range> ranges) : program_(program), sharing_(sharing), ranges_(std::move(ranges)) {
    for (std::size_t g = 0; g < ranges_.size(); ++g) chosen_.push_back(quantization_of(ranges_[g], sharing_.is_symmetric(static_cast<int>(g))));
    widen_narrow_outputs();
  }
  const Quantization& of(std::size_t network, ValueId value) const { return chosen_[at(sharing_.group(network, value))]; }

 private:
  /// requantize.h takes ratios below 1/4: an output that varies less than that gets a larger scale.
  void widen_narrow_outputs() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t n = 0; n < program_.networks.size(); ++n) {
        const Graph& graph = program_.networks[n];
        for (const Node& node : graph.nodes) {
          if (!has_weights(node)) continue;
          const float input = of(n, node.inputs[0]).scale[0];
          const auto scales = weight_scales(graph, node, input);
          const double least = static_cast<double>(input) * *std::max_element(scales.begin(), scales.end()) / kMostRatio;
          const int group = sharing_.group(n, node.output);
          Quantization& q = chosen_[at(group)];
          if (q.scale[0] >= least) continue;
          Range& range = ranges_[at(group)];
          const auto growth = static_cast<float>(1.001 * least / q.scale[0]);
          range = range.high > range.low ? Range{range.low * growth, range.high * growth} : Range{0, static_cast<float>(least) * 255.5f};
          q = quantization_of(range, sharing_.is_symmetric(group));
          changed = true;
        }
      }
    }
  }

  const Program& program_;
  const Sharing& sharing_;
  std::vector<Range> ranges_;
  std::vector<Quantization> chosen_;
};

/// Weights, bias and multipliers as real numbers / integers; returns the largest ratio of scales.
double quantize_weights(Graph& graph, Node& node) {
  const float input_scale = graph.value(node.inputs[0]).quantization.scale[0];
  const float output_scale = graph.value(node.output).quantization.scale[0];
  const std::vector<float> scales = weight_scales(graph, node, input_scale);
  Value weights = graph.value(node.weights);
  const int filters = weights.dims[0], n = weights.size() / filters;
  weights.type = Type::s8;
  weights.quantization = {scales, 0, {}};
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

/// What the clamps let through of the observed range.
Range within(const Clamp& clamp, Range range) {
  return {std::clamp(range.low, std::min(clamp.low, 0.0f), 0.0f), std::clamp(range.high, 0.0f, std::max(clamp.high, 0.0f))};
}

}  // namespace

Calibration calibration_of(const std::string& name) {
  if (name == "min-max") return Calibration::min_max;
  if (name == "percentile") return Calibration::percentile;
  if (name == "mse") return Calibration::mse;
  throw Error("unknown calibration \"" + name + "\"", "one of: min-max, percentile, mse");
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

Program quantize(const Program& program, std::span<const float> windows, std::size_t count, const QuantizeOptions& options) {
  for (const Graph& graph : program.networks) check_operators(graph);
  const Sharing sharing(program);
  std::vector<Observed> seen(at(sharing.groups()));
  run_calibration(program, windows, count, kFewestWindows, [&](std::size_t network, const std::vector<std::vector<float>>& values) {
    const Graph& graph = program.networks[network];
    std::size_t longest = 1;
    for (const Value& value : graph.values) longest = std::max(longest, at(value.size()));
    const std::size_t stride = count * longest / 200000 + 1;
    const auto add = [&](ValueId id) {
      if (!graph.value(id).constant) seen[at(sharing.group(network, id))].add(values[at(id)], stride);
    };
    for (const Port& port : graph.inputs) add(port.value);
    for (const Node& node : graph.nodes) add(node.output);
  });
  std::vector<Range> ranges;
  for (std::size_t g = 0; g < seen.size(); ++g) {
    QuantizeOptions chosen = options;
    if (sharing.is_symmetric(static_cast<int>(g))) chosen.calibration = Calibration::min_max;  // clipped logits would tie
    ranges.push_back(choose_range(seen[g], chosen));
  }
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    for (const Node& node : program.networks[n].nodes) {
      Range& range = ranges[at(sharing.group(n, node.output))];
      range = within(node.clamp, range);
    }
  }
  const Scales scales(program, sharing, std::move(ranges));

  Program result = program;
  std::vector<std::vector<double>> ratios;
  for (std::size_t n = 0; n < result.networks.size(); ++n) {
    Graph& graph = result.networks[n];
    for (ValueId id = 0; id < static_cast<ValueId>(graph.values.size()); ++id) {
      Value& value = graph.value(id);
      if (value.constant || !sharing.is_used(n, id)) continue;
      value.type = Type::s8;
      value.quantization = scales.of(n, id);
    }
    auto& mine = ratios.emplace_back();
    for (Node& node : graph.nodes) {
      mine.push_back(has_weights(node) ? quantize_weights(graph, node) : 0);
      if (has_weights(node)) prove_accumulators(graph, node);
    }
  }
  for (std::size_t n = 0; n < result.networks.size(); ++n) {
    Graph& graph = result.networks[n];
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (!has_weights(graph.nodes[i])) continue;
      double ratio = 0;
      bool paired = options.layout == WeightLayout::pairs && graph.nodes[i].groups == 1;
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
