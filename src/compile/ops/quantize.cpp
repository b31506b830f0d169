// Between real and stored numbers (ONNX QuantizeLinear, DequantizeLinear): round half to even, saturate.
#include <algorithm>
#include <cmath>

#include "compile/emit_c/c_text.hpp"
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

std::vector<Field> fields(const Graph& graph, const Node& node) {
  const Quantization& q = quantization_of(graph, node);
  std::vector<std::int32_t> zeros = q.zero_points.empty() ? std::vector<std::int32_t>(q.scale.size(), q.zero_point) : q.zero_points;
  return {{"scale", Type::f32, q.scale, {}}, {"zero", Type::s32, {}, std::move(zeros)}};
}

template <class Statement>
std::string emit_each(const Site& site, Statement statement) {
  const std::vector<int>& dims = input_dims(site.graph, site.node);
  const int scales = static_cast<int>(quantization_of(site.graph, site.node).scale.size());
  const int inner = scales > 1 ? strides_of(dims)[at(site.node.axis)] : 1;
  const int outer = product(dims) / (scales * inner);
  return emit_loops({outer, scales, inner}, {{scales * inner, inner, 1}, {0, scales > 1 ? 1 : 0, 0}}, {}, [&](const std::vector<std::string>& i) {
    return statement(site.in[0] + "[" + i[0] + "]", site.out + "[" + i[0] + "]", site.field("scale") + "[" + i[1] + "]", site.field("zero") + "[" + i[1] + "]");
  });
}

std::string emit_quantize(const Site& site) {
  const Type type = site.graph.value(site.node.output).type;
  const std::string low = type == Type::s8 ? "-128.0f" : "0.0f", high = type == Type::s8 ? "127.0f" : "255.0f";
  return emit_each(site, [&](const std::string& x, const std::string& y, const std::string& scale, const std::string& zero) {
    return "const float q = rintf(" + x + " / " + scale + ") + (float)" + zero + ";\n" + y + " = (" + c_type(type) + ")(q < " + low + " ? " + low + " : q > " + high + " ? " + high + " : q);";
  });
}

std::string emit_dequantize(const Site& site) {
  return emit_each(site, [&](const std::string& x, const std::string& y, const std::string& scale, const std::string& zero) {
    return y + " = (float)((int32_t)" + x + " - " + zero + ") * " + scale + ";";
  });
}

}  // namespace

extern const Operator quantize_operator, dequantize_operator;
const Operator quantize_operator{"quantize", shape, no_macs, quantize, emit_quantize, fields};
const Operator dequantize_operator{"dequantize", shape, no_macs, dequantize, emit_dequantize, fields};

}  // namespace ditmos::compile
