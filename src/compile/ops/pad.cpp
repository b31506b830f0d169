// Elements around a value: `starts` before and `lengths` after, one each a dimension. mode: "constant" (alpha), "reflect", "edge".
#include <fmt/format.h>

#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  std::vector<int> dims = input_dims(graph, node);
  expect(node.starts.size() == dims.size() && node.lengths.size() == dims.size(), node, "not one pad a dimension");
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const std::int64_t most = node.mode == "reflect" ? dims[d] - 1 : 1 << 20;
    expect(node.starts[d] >= 0 && node.lengths[d] >= 0 && node.starts[d] <= most && node.lengths[d] <= most, node, "a pad is negative or too large");
    dims[d] += static_cast<int>(node.starts[d] + node.lengths[d]);
  }
  return dims;
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const std::vector<int>& dims = inputs[0]->dims;
  const std::vector<int> strides = strides_of(dims);
  for_each_index(output.dims, [&](int flat, const std::vector<int>& index) {
    int from = 0;
    bool inside = true;
    for (std::size_t d = 0; d < index.size(); ++d) {
      int position = index[d] - static_cast<int>(node.starts[d]);
      inside = inside && position >= 0 && position < dims[d];
      if (node.mode == "edge") position = std::clamp(position, 0, dims[d] - 1);
      if (node.mode == "reflect") position = position < 0 ? -position : position >= dims[d] ? 2 * (dims[d] - 1) - position : position;
      from += position * strides[d];
    }
    output.data[at(flat)] = inside || node.mode != "constant" ? inputs[0]->data[at(from)] : node.alpha;
  });
}

std::string emit(const Site& site) {
  const Node& node = site.node;
  const std::vector<int>&in = input_dims(site.graph, node), &out = site.graph.value(node.output).dims;
  const std::vector<int> strides = strides_of(out), from = strides_of(in);
  if (node.mode == "constant") {
    int first = 0;
    for (std::size_t d = 0; d < in.size(); ++d) first += static_cast<int>(node.starts[d]) * strides[d];
    const auto fill = [&](const std::vector<std::string>& i) { return site.out + "[" + i[0] + "] = " + c_float(node.alpha) + ";"; };
    const auto copy = [&](const std::vector<std::string>& i) { return site.out + "[" + i[0] + "] = " + site.in[0] + "[" + i[1] + "];"; };
    return emit_loops({product(out)}, {{1}}, {}, fill) + emit_loops(in, {strides, from}, {first, 0}, copy);
  }
  // Each output index is mirrored or held inside the input.
  std::string head, tail, index, to, indent;
  for (std::size_t d = 0; d < in.size(); ++d) {
    const std::string beyond = node.mode == "edge" ? fmt::format("{}", in[d] - 1) : fmt::format("{} - p{}", 2 * (in[d] - 1), d);
    const std::string before = node.mode == "edge" ? "0" : fmt::format("-p{}", d);
    head += fmt::format("{0}for (int i{1} = 0; i{1} < {2}; i{1}++) {{\n{0}  const int p{1} = i{1} - {3};\n", indent, d, out[d], node.starts[d]);
    indent += "  ";
    index += fmt::format("{0}(p{1} < 0 ? {2} : p{1} > {3} ? {4} : p{1}) * {5}", d ? " + " : "", d, before, in[d] - 1, beyond, from[d]);
    to += fmt::format("{}i{} * {}", d ? " + " : "", d, strides[d]);
    tail = fmt::format("{:{}}}}\n{}", "", 2 * d, tail);
  }
  return fmt::format("{}{}{}[{}] = {}[{}];\n{}", head, indent, site.out, to, site.in[0], index, tail);
}

}  // namespace

extern const Operator pad_operator;
const Operator pad_operator{"pad", shape, no_macs, reference, emit};

}  // namespace ditmos::compile
