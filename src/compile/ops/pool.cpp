// Max and average pooling over channel-last maps. Padding never wins a maximum; an average counts it only on request.
#include <limits>

#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  const std::vector<int>& dims = input_dims(graph, node);
  expect(dims.size() == 3 || dims.size() == 4, node, "the input is no map of 1 or 2 dimensions");
  expect(dims[0] == 1, node, "the batch is not 1");
  const Extent in = extent_of(dims);
  const int height = window_positions(node.window, 0, in.height), width = window_positions(node.window, 1, in.width);
  expect(height > 0 && width > 0, node, "the window is larger than the padded input");
  for (const int d : {0, 1})
    expect(node.window.pad_before[d] < (node.window.kernel[d] - 1) * node.window.dilation[d] + 1, node, "the padding is as wide as the window");
  return map_dims(dims, height, width, in.channels);
}

template <class Visit>
void for_each_tap(const Window& w, const Extent& in, int y, int x, Visit visit) {
  for (int ky = 0; ky < w.kernel[0]; ++ky)
    for (int kx = 0; kx < w.kernel[1]; ++kx) {
      const int iy = y * w.stride[0] + ky * w.dilation[0] - w.pad_before[0];
      const int ix = x * w.stride[1] + kx * w.dilation[1] - w.pad_before[1];
      if (iy >= 0 && iy < in.height && ix >= 0 && ix < in.width) visit(iy * in.width + ix);
    }
}

template <class Reduce>
void pool(const Node& node, const Array& input, Array& output, Reduce reduce) {
  const Extent in = extent_of(input.dims), out = extent_of(output.dims);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int c = 0; c < out.channels; ++c)
        output.data[at((y * out.width + x) * out.channels + c)] =
            apply(node.clamp, reduce([&](auto visit) { for_each_tap(node.window, in, y, x, [&](int at_position) { visit(input.data[at(at_position * in.channels + c)]); }); }));
}

void max_reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  pool(node, *inputs[0], output, [](auto taps) {
    double best = -std::numeric_limits<double>::infinity();
    taps([&](float value) { best = std::max(best, static_cast<double>(value)); });
    return best;
  });
}

void average_reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const int all = node.window.kernel[0] * node.window.kernel[1];
  pool(node, *inputs[0], output, [&](auto taps) {
    double sum = 0;
    int count = 0;
    taps([&](float value) { sum += value, ++count; });
    return sum / (node.count_padding ? all : std::max(count, 1));
  });
}

}  // namespace

extern const Operator max_pool_operator, average_pool_operator;
const Operator max_pool_operator{"max_pool", shape, no_macs, max_reference};
const Operator average_pool_operator{"average_pool", shape, no_macs, average_reference};

}  // namespace ditmos::compile
