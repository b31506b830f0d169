// Elements around a value: `starts` before and `lengths` after, one each a dimension. mode: "constant" (alpha), "reflect", "edge".
#include <algorithm>

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

}  // namespace

extern const Operator pad_operator;
const Operator pad_operator{"pad", shape, no_macs, reference};

}  // namespace ditmos::compile
