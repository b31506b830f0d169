#include <algorithm>
#include <cmath>

#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  expect(node.axis >= 0 && node.axis < static_cast<int>(input_dims(graph, node).size()), node, "the axis is out of range");
  return input_dims(graph, node);
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const int count = output.dims[at(node.axis)];
  const int inner = strides_of(output.dims)[at(node.axis)];
  const int outer = product(output.dims) / (count * inner);
  const std::vector<float>& in = inputs[0]->data;
  for (int o = 0; o < outer; ++o)
    for (int i = 0; i < inner; ++i) {
      const int first = o * count * inner + i;
      float largest = in[at(first)];
      for (int k = 1; k < count; ++k) largest = std::max(largest, in[at(first + k * inner)]);
      double sum = 0;
      for (int k = 0; k < count; ++k) sum += std::exp(static_cast<double>(in[at(first + k * inner)] - largest));
      for (int k = 0; k < count; ++k)
        output.data[at(first + k * inner)] = static_cast<float>(std::exp(static_cast<double>(in[at(first + k * inner)] - largest)) / sum);
    }
}

}  // namespace

extern const Operator softmax_operator;
const Operator softmax_operator{"softmax", shape, no_macs, reference};

}  // namespace ditmos::compile
