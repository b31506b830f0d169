// Fully connected layer: every element of the inputs, in memory order, times weights (rows, columns), plus bias, clamped.
#include <fmt/format.h>

#include "compile/emit_c/c_text.hpp"
#include "compile/quantize/int8_emission.hpp"
#include "compile/quantize/pack.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  expect(node.weights != kNone && graph.value(node.weights).dims.size() == 2, node, "the weights are no matrix");
  const std::vector<int>& weights = graph.value(node.weights).dims;
  int elements = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) elements += product(input_dims(graph, node, i));
  expect(elements == weights[1], node, "the weights have not one column an input element");
  if (node.bias != kNone) expect(graph.value(node.bias).size() == weights[0], node, "the bias has not one element a row");
  return {1, weights[0]};
}

std::int64_t macs(const Graph& graph, const Node& node) { return graph.value(node.weights).size(); }

void reference(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const Value& weights = graph.value(node.weights);
  const int rows = weights.dims[0], columns = weights.dims[1];
  for (int row = 0; row < rows; ++row) {
    double sum = node.bias == kNone ? 0 : graph.value(node.bias).f[at(row)];
    const float* taps = weights.f.data() + at(row) * at(columns);
    for (const Array* source : inputs)
      for (const float element : source->data) sum += static_cast<double>(*taps++) * element;
    output.data[at(row)] = apply(node.clamp, sum);
  }
}

std::vector<Field> fields(const Graph& graph, const Node& node) {
  if (is_int8(graph, node)) return int8_fields(graph, node);
  const Value& weights = graph.value(node.weights);
  return {{"weights", Type::f32, pack_f32(weights.f, weights.dims[0], weights.dims[1]), {}}, {"bias", Type::f32, graph.value(node.bias).f, {}}};
}

std::string emit(const Site& site) {
  const std::vector<int>& weights = site.graph.value(site.node.weights).dims;
  if (is_int8(site.graph, site.node) && site.node.requantize.paired)
    return fmt::format("DITMOS_LINEAR_S8({}, {}, {}, {}, {}, {}, {});\n", linear_layer(site, weights[1], weights[0]), weights[1], weights[0], site.in[0], site.field("weights"), requant_text(site), site.out);
  if (is_int8(site.graph, site.node))
    return fmt::format("ditmos_linear_s8({}, {}, {}, {}, {}, {}, {});\n", weights[1], weights[0], layout_text(site.node), site.in[0], site.field("weights"), requant_text(site), site.out);
  return fmt::format("ditmos_linear_f32({}, {}, {}, {}, {}, {}, {});\n", weights[1], weights[0], is_relu(site.node.clamp) ? 1 : 0, site.in[0], site.field("weights"), site.field("bias"),
                     site.out) +
         emit_clamp(site.node.clamp, site.out, weights[0]);
}

}  // namespace

extern const Operator linear_operator;
const Operator linear_operator{"linear", shape, macs, reference, emit, fields};

}  // namespace ditmos::compile
