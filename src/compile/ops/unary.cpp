// Element by element: clamp (ReLU, Clip), leaky_relu, sigmoid, tanh.
#include <cmath>

#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

double clamp_of(const Node&, double x) { return x; }  // the clamp is applied to every result
double leaky_of(const Node& node, double x) { return x < 0 ? node.alpha * x : x; }
double sigmoid_of(const Node&, double x) { return 1 / (1 + std::exp(-x)); }
double tanh_of(const Node&, double x) { return std::tanh(x); }

template <double (*function)(const Node&, double)>
void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  for (std::size_t i = 0; i < output.data.size(); ++i) output.data[i] = apply(node.clamp, function(node, inputs[0]->data[i]));
}

/// `expression` of x, which is in[0][i].
std::string emit_each(const Site& site, const std::string& expression) {
  return emit_loops({site.graph.value(site.node.output).size()}, {{1}}, {}, [&](const std::vector<std::string>& i) {
    return "const float x = " + site.in[0] + "[" + i[0] + "];\n" + site.out + "[" + i[0] + "] = " + clamped(site.node.clamp, expression) + ";";
  });
}

std::string emit_clamp_node(const Site& site) { return emit_each(site, "x"); }
std::string emit_leaky(const Site& site) { return emit_each(site, "x < 0.0f ? x * " + c_float(site.node.alpha) + " : x"); }
std::string emit_sigmoid(const Site& site) { return emit_each(site, "1.0f / (1.0f + expf(-x))"); }
std::string emit_tanh(const Site& site) { return emit_each(site, "tanhf(x)"); }

}  // namespace

extern const Operator clamp_operator, leaky_relu_operator, sigmoid_operator, tanh_operator;
const Operator clamp_operator{"clamp", same_shape, no_macs, reference<clamp_of>, emit_clamp_node};
const Operator leaky_relu_operator{"leaky_relu", same_shape, no_macs, reference<leaky_of>, emit_leaky};
const Operator sigmoid_operator{"sigmoid", same_shape, no_macs, reference<sigmoid_of>, emit_sigmoid};
const Operator tanh_operator{"tanh", same_shape, no_macs, reference<tanh_of>, emit_tanh};

}  // namespace ditmos::compile
