#include "compile/quantize/kernel_arguments.hpp"

#include <cmath>

#include "compile/ops/shapes.hpp"

namespace ditmos::compile {

ditmos_conv_shape conv_shape(const Graph& graph, const Node& node) {
  const Extent in = extent_of(input_dims(graph, node));
  const Window& w = node.window;
  const bool dense = node.groups == 1;
  ditmos_conv_shape s{};
  s.height = in.height, s.width = in.width, s.channels = in.channels;
  s.extra = node.inputs.size() > 1 ? extent_of(input_dims(graph, node, 1)).channels : 0;
  s.kernel_height = w.kernel[0], s.kernel_width = w.kernel[1];
  s.stride_height = w.stride[0], s.stride_width = w.stride[1];
  s.pad_top = w.pad_before[0], s.pad_left = w.pad_before[1];
  s.conv_height = window_positions(w, 0, in.height), s.conv_width = window_positions(w, 1, in.width);
  s.filters = dense ? graph.value(node.weights).dims[0] : in.channels;
  s.pool_height = node.pool.kernel[0], s.pool_width = node.pool.kernel[1];
  s.relu = std::isinf(node.clamp.low) ? 0 : 1;
  return s;
}

ditmos_pool_shape pool_shape(const Graph& graph, const Node& node) {
  const Extent in = extent_of(input_dims(graph, node)), out = extent_of(graph.value(node.output).dims);
  const Window& w = node.window;
  return {in.height,    in.width,     in.channels,        w.kernel[0],  w.kernel[1], w.stride[0],
          w.stride[1],  w.pad_before[0], w.pad_before[1], out.height,   out.width,   node.count_padding ? 1 : 0};
}

ditmos_requant requant(const Graph& graph, const Node& node, const std::int32_t* bias) {
  const std::int32_t zero = graph.value(node.output).quantization.zero_point;
  const int shift = node.requantize.shift;
  return {bias, node.requantize.multiplier.data(), zero * (1 << shift) + (1 << (shift - 1)), shift, node.requantize.low};
}

std::vector<std::int8_t> packed_weights(const Graph& graph, const Node& node, WeightLayout layout) {
  const Value& weights = graph.value(node.weights);
  const int filters = weights.dims[0], n = weights.size() / filters;
  std::vector<std::int8_t> values(weights.i.begin(), weights.i.end());
  if (node.op == "linear") return pack_s8(values, filters, std::vector<int>{n}, layout);
  const int taps = node.window.kernel[0] * node.window.kernel[1];
  if (node.groups > 1) {  // [channel][tap] to [tap][channel]
    for (int c = 0; c < filters; ++c) {
      for (int tap = 0; tap < taps; ++tap) values[at(tap * filters + c)] = static_cast<std::int8_t>(weights.i[at(c * taps + tap)]);
    }
    return values;
  }
  const int channels = extent_of(input_dims(graph, node)).channels, extra = n / taps - channels;
  std::vector<std::int8_t> rows;
  for (int f = 0; f < filters; ++f) {
    for (int tap = 0; tap < taps; ++tap) {
      for (int c = 0; c < channels; ++c) rows.push_back(values[at((f * taps + tap) * (channels + extra) + c)]);
    }
    for (int tap = 0; tap < taps; ++tap) {
      for (int c = channels; c < channels + extra; ++c) rows.push_back(values[at((f * taps + tap) * (channels + extra) + c)]);
    }
  }
  return pack_s8(rows, filters, ConvWeights{filters, channels, extra, node.window.kernel[0], node.window.kernel[1]}.runs(), layout);
}

WeightLayout weight_layout_for(const std::string& core) {
  return core == "cortex-m4" || core == "cortex-m7" || core == "cortex-m33" ? WeightLayout::pairs : WeightLayout::rows;
}

}  // namespace ditmos::compile
