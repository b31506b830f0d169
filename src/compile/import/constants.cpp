// Constant, Identity, Dropout, QuantizeLinear, DequantizeLinear.
#include <cmath>

#include "compile/import/operators.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

/// Scale and zero point, which must be constants.
Quantization read_quantization(const Importer& in, Type* type) {
  Quantization quantization;
  quantization.scale = in.constant(1).f;
  in.expect(!quantization.scale.empty(), "the scale is not float32");
  for (const float scale : quantization.scale) in.expect(std::isfinite(scale) && scale > 0, "a scale is not positive");
  *type = Type::u8;
  if (in.has_input(2)) {
    const Value& zero = in.constant(2);
    in.expect(zero.type == Type::u8 || zero.type == Type::s8 || zero.type == Type::s32, "the zero point is no int8, uint8 or int32");
    in.expect(zero.i.size() == quantization.scale.size(), "scale and zero point differ in size");
    *type = zero.type;
    if (zero.i.size() == 1) quantization.zero_point = zero.i[0];
    else quantization.zero_points = zero.i;
  }
  return quantization;
}

}  // namespace

void import_constant(Importer& in) {
  if (in.has_attribute("value")) {
    const auto* tensor = std::get_if<model::Tensor>(&in.node().attributes.at("value"));
    in.expect(tensor && !in.node().outputs.empty(), "attribute \"value\" is no tensor");
    return in.define_tensor(*tensor);
  }
  if (in.has_attribute("value_float")) return in.define(in.graph().add_constant(in.node_name(), {}, {in.real("value_float", 0)}));
  if (in.has_attribute("value_int")) return in.define_integers({in.integer("value_int", 0)});
  if (in.has_attribute("value_ints")) return in.define_integers(in.integers("value_ints", {}));
  const auto found = in.node().attributes.find("value_floats");
  const auto* floats = found == in.node().attributes.end() ? nullptr : std::get_if<std::vector<float>>(&found->second);
  in.expect(floats && !floats->empty() && floats->size() < (1u << 28), "no value of a supported kind");
  in.define(in.graph().add_constant(in.node_name(), {static_cast<int>(floats->size())}, *floats));
}

void import_identity(Importer& in) { in.define_alias(0); }

void import_dropout(Importer& in) {
  in.expect(in.node().outputs.size() == 1 || in.node().outputs[1].empty(), "the output of the mask is not supported");
  if (in.has_input(2)) in.expect(in.integer_constant(2) == std::vector<std::int64_t>{0}, "training mode is not supported");
  in.define(in.input(0));
}

void import_quantize(Importer& in) {
  Type type;
  const Quantization quantization = read_quantization(in, &type);
  in.expect(type != Type::s32, "the zero point is int32");
  in.expect(in.input_value(0).type == Type::f32, "the input is not float32");
  Node node;
  node.op = "quantize";
  node.name = in.node_name();
  node.inputs = {in.input(0)};
  if (quantization.scale.size() > 1) node.axis = in.axis(in.integer("axis", 1), static_cast<int>(in.input_value(0).dims.size()));
  in.define(in.add(std::move(node), type, quantization));
}

void import_dequantize(Importer& in) {
  Type type;
  Node node;
  node.op = "dequantize";
  node.name = in.node_name();
  const Quantization quantization = read_quantization(in, &type);
  const ValueId input = in.input(0);
  Value& value = in.graph().value(input);
  in.expect(value.type != Type::f32, "the input is float32");
  in.expect(value.quantization.scale.empty() || value.quantization.scale == quantization.scale, "the input was quantized with another scale");
  value.quantization = quantization;
  node.inputs = {input};
  if (quantization.scale.size() > 1) node.axis = in.axis(in.integer("axis", 1), static_cast<int>(value.dims.size()));
  in.define(in.add(std::move(node)));
}

}  // namespace ditmos::compile
