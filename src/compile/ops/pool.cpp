// Max and average pooling over channel-last maps. Padding never wins a maximum; an average counts it only on request.
#include <limits>

#include <fmt/format.h>

#include "compile/emit_c/c_text.hpp"
#include "compile/schedule/plan.hpp"
#include "compile/ops/shapes.hpp"
#include "compile/quantize/int8_emission.hpp"

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

/// Dilated windows and unsigned or wide integers, which no kernel of the runtime has.
std::string emit_plain_max(const Site& site, const Extent& in, const Extent& out) {
  const Window& w = site.node.window;
  std::string code;
  code += fmt::format("for (int y = 0; y < {}; y++)\n  for (int x = 0; x < {}; x++)\n    for (int c = 0; c < {}; c++) {{\n", out.height, out.width, out.channels);
  const Type type = site.graph.value(site.node.output).type;
  const char* lowest = type == Type::f32 ? "-INFINITY" : type == Type::u8 ? "0" : type == Type::s8 ? "-128" : "INT32_MIN";
  code += fmt::format("      {} best = {};\n", c_type(type), lowest);
  code += fmt::format("      for (int ky = 0; ky < {}; ky++)\n        for (int kx = 0; kx < {}; kx++) {{\n", w.kernel[0], w.kernel[1]);
  code += fmt::format("          const int iy = y * {} + ky * {} - {}, ix = x * {} + kx * {} - {};\n", w.stride[0], w.dilation[0], w.pad_before[0], w.stride[1], w.dilation[1], w.pad_before[1]);
  code += fmt::format("          if (iy < 0 || iy >= {} || ix < 0 || ix >= {}) continue;\n", in.height, in.width);
  code += fmt::format("          if ({0}[(iy * {1} + ix) * {2} + c] > best) best = {0}[(iy * {1} + ix) * {2} + c];\n        }}\n", site.in[0], in.width, in.channels);
  code += fmt::format("      {}[(y * {} + x) * {} + c] = {};\n    }}\n", site.out, out.width, out.channels, clamped(site.node.clamp, "best"));
  return code;
}

std::string emit_pool(const Site& site, const char* kernel) {
  const Node& node = site.node;
  const std::vector<int>&dims = input_dims(site.graph, node), &out_dims = site.graph.value(node.output).dims;
  Extent in = extent_of(dims), out = extent_of(out_dims);
  const Window& w = node.window;
  const Type type = site.graph.value(node.output).type;
  if (w.dilation[0] != 1 || w.dilation[1] != 1 || type == Type::u8 || type == Type::s32) return emit_plain_max(site, in, out);
  int elements = product(out_dims);
  if (site.slice) {  // one row of an image, one column of a series
    SliceGeometry g;
    slice_geometry(site.graph, node, g);
    const bool rows = in.height > 1;
    (rows ? in.height : in.width) = g.reach;
    (rows ? out.height : out.width) = 1;
    elements = g.output_slice_size;
  }
  return fmt::format("{}((ditmos_pool_shape){{.height = {}, .width = {}, .channels = {}, .kernel_height = {}, .kernel_width = {}, .stride_height = {}, .stride_width = {}, .pad_top = {}, "
                     ".pad_left = {}, .out_height = {}, .out_width = {}, .count_outside = {}}}, {}, {});\n",
                     kernel, in.height, in.width, in.channels, w.kernel[0], w.kernel[1], w.stride[0], w.stride[1], w.pad_before[0], w.pad_before[1], out.height, out.width,
                     node.count_padding ? 1 : 0, site.in[0], site.out) +
         emit_clamp(node.clamp, site.out, elements);
}

std::string emit_max(const Site& site) { return emit_pool(site, is_int8(site.graph, site.node) ? "ditmos_max_pool_s8" : "ditmos_max_pool_f32"); }
std::string emit_average(const Site& site) { return emit_pool(site, is_int8(site.graph, site.node) ? "ditmos_average_pool_s8" : "ditmos_average_pool_f32"); }

}  // namespace

extern const Operator max_pool_operator, average_pool_operator;
const Operator max_pool_operator{"max_pool", shape, no_macs, max_reference, emit_max};
const Operator average_pool_operator{"average_pool", shape, no_macs, average_reference, emit_average};

}  // namespace ditmos::compile
