#include <algorithm>
#include <cmath>

#include "compile/emit_c/c_text.hpp"
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

std::string emit(const Site& site) {
  const std::vector<int>& dims = site.graph.value(site.node.output).dims;
  const int count = dims[at(site.node.axis)], inner = strides_of(dims)[at(site.node.axis)];
  const int outer = product(dims) / (count * inner);
  return emit_loops({outer, inner}, {{count * inner, 1}}, {}, [&](const std::vector<std::string>& i) {
    const std::string n = std::to_string(count * inner), step = std::to_string(inner);
    const std::string loop = "for (int k = 0; k < " + n + "; k += " + step + ") ";
    return "const float *const x = " + site.in[0] + " + (" + i[0] + ");\nfloat *const y = " + site.out + " + (" + i[0] + ");\nfloat top = x[0], sum = 0.0f;\n" + loop +
           "top = x[k] > top ? x[k] : top;\n" + loop + "sum += y[k] = ditmos_exp_f32(x[k] - top);\n" + loop + "y[k] /= sum;";
  });
}

}  // namespace

extern const Operator softmax_operator;
const Operator softmax_operator{"softmax", shape, no_macs, reference, emit};

}  // namespace ditmos::compile
