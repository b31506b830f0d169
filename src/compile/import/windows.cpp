// Conv and the pools: everything that slides a window. ONNX attributes to Window.
#include <algorithm>

#include "compile/import/operators.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

constexpr int kMostWindow = 1 << 20;

/// The spatial attributes of a node whose input is a channel-last map. 1-D attributes fill index 1.
Window read_window(const Importer& in, const std::vector<std::int64_t>& kernel, const Extent& map, int rank) {
  const std::size_t spatial = at(rank - 2);
  in.expect(kernel.size() == spatial, "kernel_shape has " + std::to_string(kernel.size()) + " elements for " + std::to_string(spatial) + " dimensions");
  const auto strides = in.integers("strides", std::vector<std::int64_t>(spatial, 1));
  const auto dilations = in.integers("dilations", std::vector<std::int64_t>(spatial, 1));
  const auto pads = in.integers("pads", std::vector<std::int64_t>(2 * spatial, 0));
  in.expect(strides.size() == spatial && dilations.size() == spatial && pads.size() == 2 * spatial, "strides, dilations or pads have a wrong number of elements");
  const std::string auto_pad = in.text("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  in.expect(same || auto_pad == "NOTSET" || auto_pad == "VALID", "auto_pad \"" + auto_pad + "\" is not known");
  Window window;
  for (std::size_t i = 0; i < spatial; ++i) {
    const std::size_t d = i + 2 - spatial;
    const auto small = [&](std::int64_t number, std::int64_t least, const char* what) {
      in.expect(number >= least && number <= kMostWindow, std::string(what) + " of " + std::to_string(number) + " is out of range");
      return static_cast<int>(number);
    };
    window.kernel[d] = small(kernel[i], 1, "a kernel");
    window.stride[d] = small(strides[i], 1, "a stride");
    window.dilation[d] = small(dilations[i], 1, "a dilation");
    in.expect(std::int64_t{window.kernel[d]} * window.dilation[d] <= kMostWindow, "the kernel is too large");
    if (auto_pad == "NOTSET") {
      window.pad_before[d] = small(pads[i], 0, "a pad");
      window.pad_after[d] = small(pads[spatial + i], 0, "a pad");
    }
    if (same) {
      const int extent = d == 0 ? map.height : map.width;
      const int outputs = (extent + window.stride[d] - 1) / window.stride[d];
      const int reach = (window.kernel[d] - 1) * window.dilation[d] + 1;
      const int total = std::max(0, (outputs - 1) * window.stride[d] + reach - extent);
      window.pad_before[d] = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      window.pad_after[d] = total - window.pad_before[d];
    }
  }
  return window;
}

/// ceil_mode: one more position where the window only partly fits, as if the map were padded further.
void apply_ceil_mode(const Importer& in, Window& window, const Extent& map) {
  const std::int64_t mode = in.integer("ceil_mode", 0);
  in.expect(mode == 0 || mode == 1, "ceil_mode is neither 0 nor 1");
  if (mode == 0) return;
  for (const int d : {0, 1}) {
    const int reach = (window.kernel[d] - 1) * window.dilation[d] + 1;
    const int extent = d == 0 ? map.height : map.width;
    const int padded = extent + window.pad_before[d] + window.pad_after[d];
    if (padded < reach) continue;
    int outputs = (padded - reach + window.stride[d] - 1) / window.stride[d] + 1;
    if ((outputs - 1) * window.stride[d] >= extent + window.pad_before[d]) --outputs;  // it would start in the padding
    window.pad_after[d] += std::max(0, (outputs - 1) * window.stride[d] + reach - padded);
  }
}

Node pool_node(Importer& in, const char* op) {
  Node node;
  node.op = op;
  node.name = in.node_name();
  node.inputs = {in.to_channel_last(in.input(0))};
  const std::vector<int>& dims = in.graph().value(node.inputs[0]).dims;
  const Extent map = extent_of(dims);
  node.window = read_window(in, in.integers("kernel_shape", {}), map, static_cast<int>(dims.size()));
  const Window before = node.window;
  apply_ceil_mode(in, node.window, map);
  node.count_padding = in.integer("count_include_pad", 0) != 0;
  in.expect(!node.count_padding || (before.pad_after[0] == node.window.pad_after[0] && before.pad_after[1] == node.window.pad_after[1]),
            "ceil_mode together with count_include_pad is not supported");
  return node;
}

}  // namespace

void import_conv(Importer& in) {
  const Value weights = in.constant(1);
  in.expect(weights.type == Type::f32, "the weights are not float32");
  const int rank = static_cast<int>(weights.dims.size());
  in.expect(rank == 3 || rank == 4, "convolutions over " + std::to_string(rank - 2) + " dimensions are not supported");
  Node node;
  node.op = "conv";
  node.name = in.node_name();
  node.inputs = {in.to_channel_last(in.input(0))};
  const Extent map = extent_of(in.graph().value(node.inputs[0]).dims);
  const std::vector<std::int64_t> kernel(weights.dims.begin() + 2, weights.dims.end());
  in.expect(in.integers("kernel_shape", kernel) == kernel, "kernel_shape differs from the weights");
  node.window = read_window(in, kernel, map, rank);
  const std::int64_t groups = in.integer("group", 1);
  in.expect(groups >= 1 && groups <= kMostWindow, "group is out of range");
  node.groups = static_cast<int>(groups);
  node.weights = in.transpose(in.input(1), rank == 3 ? std::vector<int>{0, 2, 1} : std::vector<int>{0, 2, 3, 1});
  if (in.has_input(2)) {
    in.constant(2);
    node.bias = in.input(2);
  }
  in.define(in.from_channel_last(in.add(std::move(node))));
}

void import_max_pool(Importer& in) {
  in.expect(in.node().outputs.size() == 1, "the output of indices is not supported");
  in.expect(in.integer("storage_order", 0) == 0, "storage_order 1 is not supported");
  in.define(in.from_channel_last(in.add(pool_node(in, "max_pool"), in.input_value(0).type)));
}

void import_average_pool(Importer& in) {
  in.expect(in.input_value(0).type == Type::f32, "the input is not float32");
  Node node = pool_node(in, "average_pool");
  in.expect(node.window.dilation[0] == 1 && node.window.dilation[1] == 1, "dilations are not supported");
  in.define(in.from_channel_last(in.add(std::move(node))));
}

void import_global_pool(Importer& in) {
  in.expect(in.input_value(0).type == Type::f32, "the input is not float32");
  Node node;
  node.op = in.node().op == "GlobalMaxPool" ? "max_pool" : "average_pool";
  node.name = in.node_name();
  node.inputs = {in.to_channel_last(in.input(0))};
  const Extent map = extent_of(in.graph().value(node.inputs[0]).dims);
  node.window.kernel[0] = map.height;
  node.window.kernel[1] = map.width;
  in.define(in.from_channel_last(in.add(std::move(node))));
}

}  // namespace ditmos::compile
