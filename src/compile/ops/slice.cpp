// A strided part: for each axes[i], lengths[i] elements from starts[i] in steps of steps[i] (which may be negative).
#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  std::vector<int> dims = input_dims(graph, node);
  expect(node.axes.size() == node.starts.size() && node.axes.size() == node.steps.size() && node.axes.size() == node.lengths.size(), node, "axes, starts, steps and lengths differ in number");
  for (std::size_t i = 0; i < node.axes.size(); ++i) {
    expect(node.axes[i] >= 0 && node.axes[i] < static_cast<int>(dims.size()), node, "an axis is out of range");
    const std::int64_t extent = dims[at(node.axes[i])], last = node.starts[i] + (node.lengths[i] - 1) * node.steps[i];
    expect(node.lengths[i] >= 1 && node.starts[i] >= 0 && node.starts[i] < extent && last >= 0 && last < extent, node, "the part is empty or out of range");
    dims[at(node.axes[i])] = static_cast<int>(node.lengths[i]);
  }
  return dims;
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  std::vector<int> strides = strides_of(inputs[0]->dims);
  int first = 0;
  for (std::size_t i = 0; i < node.axes.size(); ++i) {
    first += static_cast<int>(node.starts[i]) * strides[at(node.axes[i])];
    strides[at(node.axes[i])] *= static_cast<int>(node.steps[i]);
  }
  for_each_index(output.dims, [&](int flat, const std::vector<int>& index) {
    int from = first;
    for (std::size_t d = 0; d < index.size(); ++d) from += index[d] * strides[d];
    output.data[at(flat)] = inputs[0]->data[at(from)];
  });
}

std::string emit(const Site& site) {
  const std::vector<int>& out = site.graph.value(site.node.output).dims;
  std::vector<int> strides = strides_of(input_dims(site.graph, site.node));
  int first = 0;
  for (std::size_t i = 0; i < site.node.axes.size(); ++i) {
    first += static_cast<int>(site.node.starts[i]) * strides[at(site.node.axes[i])];
    strides[at(site.node.axes[i])] *= static_cast<int>(site.node.steps[i]);
  }
  return emit_loops(out, {strides_of(out), strides}, {0, first},
                    [&](const std::vector<std::string>& i) { return site.out + "[" + i[0] + "] = " + site.in[0] + "[" + i[1] + "];"; });
}

}  // namespace

extern const Operator slice_operator;
const Operator slice_operator{"slice", shape, no_macs, reference, emit};

}  // namespace ditmos::compile
