// y = x * weights[c] + bias[c] over the last dimension: a batch norm that found no convolution to fold into.
#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  const std::vector<int>& dims = input_dims(graph, node);
  expect(!dims.empty() && node.weights != kNone && node.bias != kNone, node, "no scale or no shift");
  for (const ValueId id : {node.weights, node.bias})
    expect(graph.value(id).size() == dims.back(), node, "scale and shift have not one element a channel");
  return dims;
}

std::int64_t macs(const Graph& graph, const Node& node) { return graph.value(node.output).size(); }

void reference(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const std::vector<float>&scale = graph.value(node.weights).f, &shift = graph.value(node.bias).f;
  for (std::size_t i = 0; i < output.data.size(); ++i) {
    const std::size_t c = i % scale.size();
    output.data[i] = apply(node.clamp, static_cast<double>(inputs[0]->data[i]) * scale[c] + shift[c]);
  }
}

std::vector<Field> fields(const Graph& graph, const Node& node) {
  return {{"scale", Type::f32, graph.value(node.weights).f, {}}, {"shift", Type::f32, graph.value(node.bias).f, {}}};
}

std::string emit(const Site& site) {
  const int channels = site.graph.value(site.node.weights).size();
  const int positions = site.graph.value(site.node.output).size() / channels;
  return emit_loops({positions, channels}, {{channels, 1}, {0, 1}}, {}, [&](const std::vector<std::string>& i) {
    return site.out + "[" + i[0] + "] = " + clamped(site.node.clamp, site.in[0] + "[" + i[0] + "] * " + site.field("scale") + "[" + i[1] + "] + " + site.field("shift") + "[" + i[1] + "]") + ";";
  });
}

}  // namespace

extern const Operator affine_operator;
const Operator affine_operator{"affine", shape, macs, reference, emit, fields};

}  // namespace ditmos::compile
