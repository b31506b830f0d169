// Convolution (cross-correlation, as ONNX Conv) over channel-last maps, then clamp, then max pool.
#include <limits>

#include <fmt/format.h>

#include "compile/emit_c/c_text.hpp"
#include "compile/ops/channel_major.hpp"
#include "compile/quantize/int8_emission.hpp"
#include "compile/quantize/kernel_arguments.hpp"
#include "compile/quantize/pack.hpp"
#include "compile/schedule/plan.hpp"
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

enum class Kernel { dense, depthwise, plain };

Kernel kernel_of(const Graph& graph, const Node& node) {
  if (node.window.dilation[0] != 1 || node.window.dilation[1] != 1) return Kernel::plain;
  if (node.groups == 1) return node.inputs.size() <= 2 ? Kernel::dense : Kernel::plain;
  const bool depthwise = node.groups == input_channels(graph, node) && node.groups == graph.value(node.weights).dims[0];
  return depthwise ? Kernel::depthwise : Kernel::plain;
}

/// (filters, kernel height, kernel width, channels) to [filter][k] in the order of the runs (runtime/include/ditmos/shape.h).
std::vector<float> run_order(const std::vector<float>& weights, int filters, int taps, const std::vector<int>& channels) {
  int all = 0;
  for (const int count : channels) all += count;
  std::vector<float> ordered;
  ordered.reserve(weights.size());
  for (int filter = 0; filter < filters; ++filter) {
    int first = 0;
    for (const int count : channels) {
      for (int tap = 0; tap < taps; ++tap)
        for (int c = 0; c < count; ++c) ordered.push_back(weights[at((filter * taps + tap) * all + first + c)]);
      first += count;
    }
  }
  return ordered;
}

std::vector<Field> fields(const Graph& graph, const Node& node) {
  if (is_int8(graph, node)) return int8_fields(graph, node);
  const Value& weights = graph.value(node.weights);
  const int filters = weights.dims[0], taps = node.window.kernel[0] * node.window.kernel[1];
  std::vector<float> packed = weights.f;
  if (kernel_of(graph, node) == Kernel::dense) {
    std::vector<int> channels;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) channels.push_back(extent_of(input_dims(graph, node, i)).channels);
    const std::vector<float> rows = run_order(weights.f, filters, taps, channels);
    packed = node.channel_major ? to_channel_major(rows, filters, taps, channels) : pack_f32(rows, filters, weights.size() / filters);
  } else if (kernel_of(graph, node) == Kernel::depthwise) {
    for (int filter = 0; filter < filters; ++filter)
      for (int tap = 0; tap < taps; ++tap) packed[at(tap * filters + filter)] = weights.f[at(filter * taps + tap)];
  }
  return {{"weights", Type::f32, std::move(packed), {}}, {"bias", Type::f32, graph.value(node.bias).f, {}}};
}

/// What no kernel of the runtime does: groups of several channels, dilation.
std::string emit_plain(const Site& site) {
  const Node& node = site.node;
  const Extent in = extent_of(input_dims(site.graph, node)), out = extent_of(site.graph.value(node.output).dims);
  const Window& w = node.window;
  const int group_channels = extent_of(site.graph.value(node.weights).dims).channels;
  std::string code;
  code += fmt::format("for (int y = 0; y < {}; y++)\n  for (int x = 0; x < {}; x++)\n    for (int f = 0; f < {}; f++) {{\n", out.height, out.width, out.channels);
  code += fmt::format("      const float *t = {} + f * {};\n      float sum = {}[f];\n", site.field("weights"), w.kernel[0] * w.kernel[1] * group_channels, site.field("bias"));
  code += fmt::format("      for (int ky = 0; ky < {}; ky++)\n        for (int kx = 0; kx < {}; kx++, t += {}) {{\n", w.kernel[0], w.kernel[1], group_channels);
  code += fmt::format("          const int iy = y * {} + ky * {} - {}, ix = x * {} + kx * {} - {};\n", w.stride[0], w.dilation[0], w.pad_before[0], w.stride[1], w.dilation[1], w.pad_before[1]);
  code += fmt::format("          if (iy < 0 || iy >= {} || ix < 0 || ix >= {}) continue;\n", in.height, in.width);
  if (node.inputs.size() == 1) {
    code += fmt::format("          const float *s = {} + (iy * {} + ix) * {} + f / {} * {};\n", site.in[0], in.width, in.channels, out.channels / node.groups, group_channels);
    code += fmt::format("          for (int c = 0; c < {}; c++) sum += s[c] * t[c];\n", group_channels);
  } else {
    int first = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const int channels = extent_of(input_dims(site.graph, node, i)).channels;
      code += fmt::format("          for (int c = 0; c < {0}; c++) sum += {1}[(iy * {2} + ix) * {0} + c] * t[{3} + c];\n", channels, site.in[i], in.width, first);
      first += channels;
    }
  }
  code += fmt::format("        }}\n      {}[(y * {} + x) * {} + f] = {};\n    }}\n", site.out, out.width, out.channels, clamped(node.clamp, "sum"));
  return code;
}

std::string emit(const Site& site) {
  const Node& node = site.node;
  const Kernel kernel = kernel_of(site.graph, node);
  if (kernel == Kernel::plain) return emit_plain(site);
  Extent in = extent_of(input_dims(site.graph, node)), conv = conv_extent(site.graph, node);
  const Window& w = node.window;
  int pad_top = w.pad_before[0], pad_left = w.pad_before[1], elements = product(site.graph.value(node.output).dims);
  const bool rows = in.height > 1;
  if (site.slice) {  // one row of an image, one column of a series; what is padded lies in the ring
    SliceGeometry g;
    slice_geometry(site.graph, node, g);
    (rows ? in.height : in.width) = g.reach;
    (rows ? conv.height : conv.width) = rows ? node.pool.kernel[0] : node.pool.kernel[1];
    (rows ? pad_top : pad_left) = 0;
    elements = g.output_slice_size;
  }
  if (site.first > 0) {
    in.width -= site.first * node.pool.kernel[1] * w.stride[1];
    conv.width -= site.first * node.pool.kernel[1];
  }
  const int extra = node.inputs.size() > 1 ? extent_of(input_dims(site.graph, node, 1)).channels : 0;
  const std::string shape_text = fmt::format(
      "((ditmos_conv_shape){{.height = {}, .width = {}, .channels = {}, .extra = {}, .kernel_height = {}, .kernel_width = {}, .stride_height = {}, .stride_width = {}, .pad_top = {}, "
      ".pad_left = {}, .conv_height = {}, .conv_width = {}, .filters = {}, .pool_height = {}, .pool_width = {}, .relu = {}}}",
      in.height, in.width, in.channels, extra, w.kernel[0], w.kernel[1], w.stride[0], w.stride[1], pad_top, pad_left, conv.height, conv.width, conv.channels, node.pool.kernel[0],
      node.pool.kernel[1], is_relu(node.clamp) ? 1 : 0);
  const std::string whole_shape = shape_text + ")";
  if (is_int8(site.graph, node)) {
    const int pad = site.graph.value(node.inputs[0]).quantization.zero_point;
    if (kernel == Kernel::depthwise)
      return fmt::format("ditmos_depthwise_s8{}, {}, {}, {}, {}, {});\n", shape_text, site.in[0], pad, site.field("weights"), requant_text(site), site.out);
    const bool column = site.slice && !rows;
    ditmos_conv_shape shape = conv_shape(site.graph, site.node);
    if (!rows) shape.width = in.width, shape.conv_width = conv.width, shape.pad_left = pad_left;
    if (const std::string layer = series_layer(site, shape); !layer.empty())
      return fmt::format("DITMOS_SERIES{}_S8({}, {}, {}, {}, {}, {}, {});\n", column ? "_COLUMN" : "", layer, whole_shape, site.in[0], extra ? site.in[1] : "NULL", site.field("weights"), requant_text(site), site.out);
    return fmt::format("ditmos_conv{}_s8{}, {}, {}, {}, {}{}, {}, {});\n", column ? "_column" : "", shape_text, layout_text(node), site.in[0], extra ? site.in[1] : "NULL",
                       column ? "" : fmt::format("{}, ", pad), site.field("weights"), requant_text(site), site.out);
  }
  if (node.channel_major)
    return fmt::format("DITMOS_SERIES_F32({}, {}, {}, {}, {}, {}, {});\n", channel_major_layer(site), whole_shape, site.in[0], extra ? site.in[1] : "NULL", site.field("weights"), site.field("bias"), site.out);
  std::string code;
  if (kernel == Kernel::depthwise)
    code = fmt::format("ditmos_depthwise_f32{}, {}, {}, {}, {});\n", shape_text, site.in[0], site.field("weights"), site.field("bias"), site.out);
  else
    code = fmt::format("ditmos_conv{}_f32{}, {}, {}, {}, {}, {});\n", site.slice && !rows ? "_column" : "", shape_text, site.in[0], extra ? site.in[1] : "NULL", site.field("weights"),
                       site.field("bias"), site.out);
  return code + emit_clamp(node.clamp, site.out, elements);
}

}  // namespace

extern const Operator conv_operator;
const Operator conv_operator{"conv", shape, macs, reference, emit, fields};

}  // namespace ditmos::compile
