// numpy matmul of two values of at least two dimensions; leading dimensions broadcast.
#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

using Dims = std::vector<int>;
Dims lead(const Dims& dims) { return {dims.begin(), dims.end() - 2}; }

Dims shape(const Graph& graph, const Node& node) {
  expect(node.inputs.size() == 2, node, "not two inputs");
  const Dims &a = input_dims(graph, node, 0), &b = input_dims(graph, node, 1);
  expect(a.size() >= 2 && b.size() >= 2, node, "an input has fewer than two dimensions");
  expect(a.back() == b[b.size() - 2], node, "columns of the first and rows of the second input differ");
  Dims out = broadcast(node, lead(a), lead(b));
  out.push_back(a[a.size() - 2]);
  out.push_back(b.back());
  return out;
}

std::int64_t macs(const Graph& graph, const Node& node) {
  return std::int64_t{graph.value(node.output).size()} * input_dims(graph, node).back();
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const Array &a = *inputs[0], &b = *inputs[1];
  const int rows = a.dims[a.dims.size() - 2], inner = a.dims.back(), columns = b.dims.back();
  const Dims outer = lead(output.dims);
  const Dims left = broadcast_strides(lead(a.dims), outer), right = broadcast_strides(lead(b.dims), outer);
  for_each_index(outer, [&](int flat, const Dims& index) {
    int from_a = 0, from_b = 0;
    for (std::size_t d = 0; d < index.size(); ++d) from_a += index[d] * left[d], from_b += index[d] * right[d];
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) {
        double sum = 0;
        for (int k = 0; k < inner; ++k)
          sum += static_cast<double>(a.data[at((from_a * rows + r) * inner + k)]) * b.data[at((from_b * inner + k) * columns + c)];
        output.data[at((flat * rows + r) * columns + c)] = apply(node.clamp, sum);
      }
  });
}

std::string emit(const Site& site) {
  const Dims &a = input_dims(site.graph, site.node, 0), &b = input_dims(site.graph, site.node, 1), &out = site.graph.value(site.node.output).dims;
  const int rows = a[a.size() - 2], inner = a.back(), columns = b.back();
  // One loop nest over the output; the sum runs inside. Strides of a and b over (outer..., row, column).
  const Dims outer = lead(out);
  Dims left = broadcast_strides(lead(a), outer), right = broadcast_strides(lead(b), outer);
  for (int& stride : left) stride *= rows * inner;
  for (int& stride : right) stride *= inner * columns;
  left.insert(left.end(), {inner, 0});
  right.insert(right.end(), {0, 1});
  return emit_loops(out, {strides_of(out), left, right}, {}, [&](const std::vector<std::string>& i) {
    return "float sum = 0.0f;\nfor (int k = 0; k < " + std::to_string(inner) + "; k++) sum += " + site.in[0] + "[" + i[1] + " + k] * " + site.in[1] + "[" + i[2] + " + k * " +
           std::to_string(columns) + "];\n" + site.out + "[" + i[0] + "] = " + clamped(site.node.clamp, "sum") + ";";
  });
}

}  // namespace

extern const Operator matmul_operator;
const Operator matmul_operator{"matmul", shape, macs, reference, emit};

}  // namespace ditmos::compile
