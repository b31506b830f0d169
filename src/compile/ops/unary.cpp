// Element by element: clamp (ReLU, Clip), leaky_relu, sigmoid, tanh.
#include <cmath>

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

}  // namespace

extern const Operator clamp_operator, leaky_relu_operator, sigmoid_operator, tanh_operator;
const Operator clamp_operator{"clamp", same_shape, no_macs, reference<clamp_of>};
const Operator leaky_relu_operator{"leaky_relu", same_shape, no_macs, reference<leaky_of>};
const Operator sigmoid_operator{"sigmoid", same_shape, no_macs, reference<sigmoid_of>};
const Operator tanh_operator{"tanh", same_shape, no_macs, reference<tanh_of>};

}  // namespace ditmos::compile
