#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  std::vector<int> dims = input_dims(graph, node);
  expect(node.axis >= 0 && node.axis < static_cast<int>(dims.size()), node, "the axis is out of range");
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const std::vector<int>& other = input_dims(graph, node, i);
    expect(other.size() == dims.size(), node, "its inputs differ in rank");
    for (std::size_t d = 0; d < dims.size(); ++d)
      expect(d == at(node.axis) || other[d] == dims[d], node, "its inputs differ in more than the axis");
    dims[at(node.axis)] += other[at(node.axis)];
  }
  return dims;
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const int outer = product({output.dims.begin(), output.dims.begin() + node.axis});
  std::size_t to = 0;
  for (int o = 0; o < outer; ++o)
    for (const Array* input : inputs) {
      const std::size_t run = input->data.size() / at(outer);
      std::copy_n(input->data.begin() + static_cast<std::ptrdiff_t>(at(o) * run), run, output.data.begin() + static_cast<std::ptrdiff_t>(to));
      to += run;
    }
}

std::string emit(const Site& site) {
  const std::vector<int>& out = site.graph.value(site.node.output).dims;
  const std::vector<int> strides = strides_of(out);
  std::string code;
  int offset = 0;
  for (std::size_t i = 0; i < site.in.size(); ++i) {
    const std::vector<int>& dims = input_dims(site.graph, site.node, i);
    code += emit_loops(dims, {strides, strides_of(dims)}, {offset, 0},
                       [&](const std::vector<std::string>& at_index) { return site.out + "[" + at_index[0] + "] = " + site.in[i] + "[" + at_index[1] + "];"; });
    offset += dims[at(site.node.axis)] * strides[at(site.node.axis)];
  }
  return code;
}

}  // namespace

extern const Operator concat_operator;
const Operator concat_operator{"concat", shape, no_macs, reference, emit};

}  // namespace ditmos::compile
