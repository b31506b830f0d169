// Convolution (cross-correlation, as ONNX Conv) over channel-last maps, then clamp, then max pool.
#include <limits>

#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

int input_channels(const Graph& graph, const Node& node) {
  int channels = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) channels += extent_of(input_dims(graph, node, i)).channels;
  return channels;
}

/// Positions of the convolution alone, before the pool.
Extent conv_extent(const Graph& graph, const Node& node) {
  const Extent in = extent_of(input_dims(graph, node));
  return {window_positions(node.window, 0, in.height), window_positions(node.window, 1, in.width),
          graph.value(node.weights).dims.empty() ? 0 : graph.value(node.weights).dims[0]};
}

std::vector<int> shape(const Graph& graph, const Node& node) {
  const std::vector<int>& first = input_dims(graph, node);
  expect(first.size() == 3 || first.size() == 4, node, "the input is no map of 1 or 2 dimensions");
  expect(first[0] == 1, node, "the batch is not 1");
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const Extent a = extent_of(first), b = extent_of(input_dims(graph, node, i));
    expect(a.height == b.height && a.width == b.width && input_dims(graph, node, i).size() == first.size(), node, "its inputs differ in height or width");
  }
  expect(node.weights != kNone, node, "no weights");
  const std::vector<int>& weights = graph.value(node.weights).dims;
  expect(weights.size() == first.size(), node, "the weights have another rank than the input");
  const Extent kernel = extent_of(weights);
  const int channels = input_channels(graph, node);
  expect(node.groups >= 1 && channels % node.groups == 0 && weights[0] % node.groups == 0, node, "groups do not divide the channels");
  expect(node.groups == 1 || node.inputs.size() == 1, node, "groups over several inputs");
  expect(kernel.channels == channels / node.groups, node, "weights and input differ in channels");
  expect(kernel.height == node.window.kernel[0] && kernel.width == node.window.kernel[1], node, "kernel_shape differs from the weights");
  if (node.bias != kNone) expect(graph.value(node.bias).size() == weights[0], node, "the bias has not one element a filter");
  const Extent conv = conv_extent(graph, node);
  expect(conv.height > 0 && conv.width > 0, node, "the kernel is larger than the padded input");
  const int height = window_positions(node.pool, 0, conv.height), width = window_positions(node.pool, 1, conv.width);
  expect(height > 0 && width > 0, node, "the pool is larger than the map");
  return map_dims(first, height, width, weights[0]);
}

/// Every position of the convolution, also the last one where a fused pool drops it: the figure that papers give.
std::int64_t macs(const Graph& graph, const Node& node) {
  const Extent conv = conv_extent(graph, node);
  return std::int64_t{conv.height} * conv.width * graph.value(node.weights).size();
}

void reference(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const Extent in = extent_of(inputs[0]->dims), out = extent_of(output.dims), conv = conv_extent(graph, node);
  const Value& weights = graph.value(node.weights);
  const int filters = weights.dims[0], group_channels = extent_of(weights.dims).channels;
  const int filters_a_group = filters / node.groups;
  const Window& w = node.window;
  std::vector<float> row;  // all channels of one position
  const auto position = [&](int filter, int y, int x) {
    double sum = node.bias == kNone ? 0 : graph.value(node.bias).f[at(filter)];
    const int first_channel = filter / filters_a_group * group_channels;
    for (int ky = 0; ky < w.kernel[0]; ++ky)
      for (int kx = 0; kx < w.kernel[1]; ++kx) {
        const int iy = y * w.stride[0] + ky * w.dilation[0] - w.pad_before[0];
        const int ix = x * w.stride[1] + kx * w.dilation[1] - w.pad_before[1];
        if (iy < 0 || iy >= in.height || ix < 0 || ix >= in.width) continue;
        const float* taps = &weights.f[at(((filter * w.kernel[0] + ky) * w.kernel[1] + kx) * group_channels)];
        int channel = -first_channel;
        for (const Array* source : inputs) {
          const int channels = extent_of(source->dims).channels;
          const float* from = &source->data[at((iy * in.width + ix) * channels)];
          for (int c = 0; c < channels; ++c, ++channel)
            if (channel >= 0 && channel < group_channels) sum += static_cast<double>(taps[channel]) * from[c];
        }
      }
    return apply(node.clamp, sum);
  };
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int filter = 0; filter < filters; ++filter) {
        float best = -std::numeric_limits<float>::infinity();
        for (int py = 0; py < node.pool.kernel[0]; ++py)
          for (int px = 0; px < node.pool.kernel[1]; ++px) {
            const int cy = y * node.pool.stride[0] + py, cx = x * node.pool.stride[1] + px;
            if (cy < conv.height && cx < conv.width) best = std::max(best, position(filter, cy, cx));
          }
        output.data[at((y * out.width + x) * filters + filter)] = best;
      }
}

}  // namespace

extern const Operator conv_operator;
const Operator conv_operator{"conv", shape, macs, reference};

}  // namespace ditmos::compile
