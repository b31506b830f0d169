#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  const std::vector<int>& dims = input_dims(graph, node);
  expect(node.axes.size() == dims.size(), node, "the permutation has another rank than the input");
  std::vector<bool> seen(dims.size(), false);
  std::vector<int> out;
  for (const int axis : node.axes) {
    expect(axis >= 0 && axis < static_cast<int>(dims.size()) && !seen[at(axis)], node, "not a permutation");
    seen[at(axis)] = true;
    out.push_back(dims[at(axis)]);
  }
  return out;
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const std::vector<int> strides = strides_of(inputs[0]->dims);
  for_each_index(output.dims, [&](int flat, const std::vector<int>& index) {
    int from = 0;
    for (std::size_t d = 0; d < index.size(); ++d) from += index[d] * strides[at(node.axes[d])];
    output.data[at(flat)] = inputs[0]->data[at(from)];
  });
}

std::string emit(const Site& site) {
  const std::vector<int>& out = site.graph.value(site.node.output).dims;
  const std::vector<int> strides = strides_of(input_dims(site.graph, site.node));
  std::vector<int> from;
  for (const int axis : site.node.axes) from.push_back(strides[at(axis)]);
  return emit_loops(out, {strides_of(out), from}, {},
                    [&](const std::vector<std::string>& i) { return site.out + "[" + i[0] + "] = " + site.in[0] + "[" + i[1] + "];"; });
}

}  // namespace

extern const Operator transpose_operator;
const Operator transpose_operator{"transpose", shape, no_macs, reference, emit};

}  // namespace ditmos::compile
