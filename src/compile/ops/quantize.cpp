// Between real and stored numbers (ONNX QuantizeLinear, DequantizeLinear): round half to even, saturate.
#include <algorithm>
#include <cmath>

#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

const Quantization& quantization_of(const Graph& graph, const Node& node) {
  return graph.value(node.op == std::string("quantize") ? node.output : node.inputs[0]).quantization;
}

std::vector<int> shape(const Graph& graph, const Node& node) {
  const std::vector<int>& dims = input_dims(graph, node);
  const std::size_t scales = quantization_of(graph, node).scale.size();
  expect(scales >= 1, node, "no scale");
  if (scales > 1)
    expect(node.axis >= 0 && node.axis < static_cast<int>(dims.size()) && static_cast<int>(scales) == dims[at(node.axis)], node, "not one scale an element of the axis");
  return dims;
}

template <class Convert>
void convert(const Graph& graph, const Node& node, const Array& input, Array& output, Convert one) {
  const Quantization& q = quantization_of(graph, node);
  const std::size_t inner = q.scale.size() > 1 ? at(strides_of(input.dims)[at(node.axis)]) : 1;
  for (std::size_t i = 0; i < output.data.size(); ++i) {
    const std::size_t channel = q.scale.size() > 1 ? i / inner % q.scale.size() : 0;
    const std::int32_t zero = q.zero_points.empty() ? q.zero_point : q.zero_points[channel];
    output.data[i] = one(input.data[i], q.scale[channel], zero);
  }
}

void quantize(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const bool is_signed = graph.value(node.output).type == Type::s8;
  const float low = is_signed ? -128.0f : 0.0f, high = is_signed ? 127.0f : 255.0f;
  convert(graph, node, *inputs[0], output, [&](float x, float scale, std::int32_t zero) {
    return std::clamp(std::nearbyint(x / scale) + static_cast<float>(zero), low, high);
  });
}

void dequantize(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output) {
  convert(graph, node, *inputs[0], output, [](float x, float scale, std::int32_t zero) { return (x - static_cast<float>(zero)) * scale; });
}

}  // namespace

extern const Operator quantize_operator, dequantize_operator;
const Operator quantize_operator{"quantize", shape, no_macs, quantize};
const Operator dequantize_operator{"dequantize", shape, no_macs, dequantize};

}  // namespace ditmos::compile
