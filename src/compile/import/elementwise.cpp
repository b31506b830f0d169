// BatchNormalization and what works element by element.
#include <cmath>
#include <limits>

#include "compile/import/operators.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Node unary(Importer& in, const char* op) {
  Node node;
  node.op = op;
  node.name = in.node_name();
  node.inputs = {in.input(0)};
  in.expect(in.input_value(0).type == Type::f32, "the input is not float32");
  return node;
}

}  // namespace

void import_batch_norm(Importer& in) {
  in.expect(in.integer("training_mode", 0) == 0, "training_mode 1 is not supported");
  in.expect(in.integer("spatial", 1) == 1, "spatial 0 is not supported");
  const int rank = static_cast<int>(in.input_value(0).dims.size());
  in.expect(rank >= 2, "the input has no channels");
  const std::size_t channels = at(in.input_value(0).dims[1]);
  for (std::size_t i = 1; i <= 4; ++i)
    in.expect(in.constant(i).f.size() == channels, "input \"" + in.node().inputs[i] + "\" has not one float32 element a channel");
  const double epsilon = in.real("epsilon", 1e-5f);
  std::vector<float> scale(channels), shift(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const double factor = in.constant(1).f[c] / std::sqrt(in.constant(4).f[c] + epsilon);
    in.expect(std::isfinite(factor), "the variance of channel " + std::to_string(c) + " is negative");
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(in.constant(2).f[c] - in.constant(3).f[c] * factor);
  }
  std::vector<int> forward = {0}, back(at(rank));  // channels last, whatever the rank
  for (int d = 2; d < rank; ++d) forward.push_back(d);
  forward.push_back(1);
  for (int d = 0; d < rank; ++d) back[at(forward[at(d)])] = d;
  Node node = unary(in, "affine");
  node.inputs = {in.transpose(in.input(0), forward)};
  const int count = static_cast<int>(channels);
  node.weights = in.graph().add_constant(node.name + ".scale", {count}, std::move(scale));
  node.bias = in.graph().add_constant(node.name + ".shift", {count}, std::move(shift));
  in.define(in.transpose(in.add(std::move(node)), back));
}

void import_relu(Importer& in) {
  Node node = unary(in, "clamp");
  node.clamp = {0, kInfinity};
  in.define(in.add(std::move(node)));
}

void import_clip(Importer& in) {
  Node node = unary(in, "clamp");
  const auto bound = [&](const char* attribute, std::size_t i, float otherwise) {
    if (in.has_attribute(attribute)) return in.real(attribute, otherwise);
    if (!in.has_input(i)) return otherwise;
    in.expect(in.constant(i).f.size() == 1, std::string(attribute) + " is no float32 scalar");
    return in.constant(i).f[0];
  };
  node.clamp = {bound("min", 1, -kInfinity), bound("max", 2, kInfinity)};
  in.expect(!(std::isnan(node.clamp.low) || std::isnan(node.clamp.high)), "min or max is not a number");
  // ONNX: where min exceeds max, every element becomes max.
  if (node.clamp.low > node.clamp.high) node.clamp.low = node.clamp.high;
  in.define(in.add(std::move(node)));
}

void import_leaky_relu(Importer& in) {
  Node node = unary(in, "leaky_relu");
  node.alpha = in.real("alpha", 0.01f);
  in.define(in.add(std::move(node)));
}

void import_sigmoid(Importer& in) { in.define(in.add(unary(in, "sigmoid"))); }
void import_tanh(Importer& in) { in.define(in.add(unary(in, "tanh"))); }

void import_binary(Importer& in) {
  const std::string& op = in.node().op;
  Node node;
  node.op = op == "Add" ? "add" : op == "Sub" ? "sub" : op == "Mul" ? "mul" : "div";
  node.name = in.node_name();
  in.expect(in.integer("broadcast", 0) == 0, "the broadcast attribute of operator set 6 is not supported");
  node.inputs = {in.input(0), in.input(1)};
  for (const ValueId id : node.inputs) in.expect(in.graph().value(id).type == Type::f32, "an input is not float32");
  in.define(in.add(std::move(node)));
}

void import_softmax(Importer& in) {
  const std::vector<int> dims = in.input_value(0).dims;
  const int rank = static_cast<int>(dims.size());
  Node node = unary(in, "softmax");
  node.axis = in.axis(in.integer("axis", in.opset() >= 13 ? -1 : 1), rank);
  if (in.opset() < 13 && node.axis != rank - 1) {  // before 13: over everything from the axis on
    const int outer = product({dims.begin(), dims.begin() + node.axis});
    node.inputs = {in.reshape(node.inputs[0], {outer, product(dims) / outer})};
    node.axis = 1;
    return in.define(in.reshape(in.add(std::move(node)), dims));
  }
  in.define(in.add(std::move(node)));
}

}  // namespace ditmos::compile
