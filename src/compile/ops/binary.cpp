// Two inputs, element by element with numpy broadcasting: add, sub, mul, div; then clamp.
#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::vector<int> shape(const Graph& graph, const Node& node) {
  expect(node.inputs.size() == 2, node, "not two inputs");
  return broadcast(node, input_dims(graph, node, 0), input_dims(graph, node, 1));
}

double add_of(double a, double b) { return a + b; }
double sub_of(double a, double b) { return a - b; }
double mul_of(double a, double b) { return a * b; }
double div_of(double a, double b) { return a / b; }

template <double (*function)(double, double)>
void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const std::vector<int> left = broadcast_strides(inputs[0]->dims, output.dims), right = broadcast_strides(inputs[1]->dims, output.dims);
  for_each_index(output.dims, [&](int flat, const std::vector<int>& index) {
    int a = 0, b = 0;
    for (std::size_t d = 0; d < index.size(); ++d) a += index[d] * left[d], b += index[d] * right[d];
    output.data[at(flat)] = apply(node.clamp, function(inputs[0]->data[at(a)], inputs[1]->data[at(b)]));
  });
}

template <char symbol>
std::string emit(const Site& site) {
  const std::vector<int>& out = site.graph.value(site.node.output).dims;
  const std::vector<int> left = broadcast_strides(input_dims(site.graph, site.node, 0), out), right = broadcast_strides(input_dims(site.graph, site.node, 1), out);
  return emit_loops(out, {strides_of(out), left, right}, {}, [&](const std::vector<std::string>& i) {
    return site.out + "[" + i[0] + "] = " + clamped(site.node.clamp, site.in[0] + "[" + i[1] + "] " + symbol + " " + site.in[1] + "[" + i[2] + "]") + ";";
  });
}

constexpr auto emit_add = emit<'+'>, emit_sub = emit<'-'>, emit_mul = emit<'*'>, emit_div = emit<'/'>;

}  // namespace

extern const Operator add_operator, sub_operator, mul_operator, div_operator;
const Operator add_operator{"add", shape, no_macs, reference<add_of>, emit_add};
const Operator sub_operator{"sub", shape, no_macs, reference<sub_of>, emit_sub};
const Operator mul_operator{"mul", shape, no_macs, reference<mul_of>, emit_mul};
const Operator div_operator{"div", shape, no_macs, reference<div_of>, emit_div};

}  // namespace ditmos::compile
