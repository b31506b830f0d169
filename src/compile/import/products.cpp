// Gemm and MatMul: a fully connected layer where the second factor is constant and there is one row, else a general product.
#include "compile/import/operators.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

ValueId transposed(Importer& in, ValueId value, bool really) { return really ? in.transpose(value, {1, 0}) : value; }

/// value * factor, for a constant at once.
ValueId scaled(Importer& in, ValueId value, float factor) {
  if (factor == 1.0f) return value;
  Node node;
  node.op = "mul";
  node.inputs = {value, in.graph().add_constant(in.node_name() + ".factor", {1}, {factor})};
  return in.add(std::move(node));
}

ValueId product_of(Importer& in, const char* op, ValueId a, ValueId b) {
  Node node;
  node.op = op;
  node.inputs = {a, b};
  return in.add(std::move(node));
}

}  // namespace

void import_gemm(Importer& in) {
  const bool transpose_a = in.integer("transA", 0) != 0, transpose_b = in.integer("transB", 0) != 0;
  const float alpha = in.real("alpha", 1), beta = in.real("beta", 1);
  in.expect(in.input_value(0).dims.size() == 2 && in.input_value(1).dims.size() == 2, "an input is no matrix");
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) in.expect(in.input_value(i).type == Type::f32, "an input is not float32");
  const ValueId a = transposed(in, in.input(0), transpose_a);
  const ValueId b = in.input(1);
  const int rows = in.graph().value(a).dims[0];
  const int columns = in.input_value(1).dims[transpose_b ? 0 : 1];
  const bool has_bias = in.has_input(2) && beta != 0;
  const bool flat_bias = !has_bias || (in.input_value(2).constant && in.input_value(2).f.size() > 0);
  if (in.input_value(1).constant && rows == 1 && flat_bias && !in.graph().value(a).constant) {
    Node node;
    node.op = "linear";
    node.name = in.node_name();
    node.inputs = {a};
    node.weights = scaled(in, transposed(in, b, !transpose_b), alpha);
    if (has_bias) {
      const Value& c = in.input_value(2);
      in.expect(c.size() == 1 || c.size() == columns, "C has a shape that does not fit the product");
      std::vector<float> bias(at(columns));
      for (std::size_t k = 0; k < bias.size(); ++k) bias[k] = beta * c.f[c.size() == 1 ? 0 : k];
      node.bias = in.graph().add_constant(node.name + ".bias", {columns}, std::move(bias));
    }
    return in.define(in.add(std::move(node)));
  }
  ValueId result = scaled(in, product_of(in, "matmul", a, transposed(in, b, transpose_b)), alpha);
  if (has_bias) result = product_of(in, "add", result, scaled(in, in.input(2), beta));
  in.define(result);
}

void import_matmul(Importer& in) {
  ValueId a = in.input(0), b = in.input(1);
  for (const ValueId id : {a, b}) in.expect(in.graph().value(id).type == Type::f32, "an input is not float32");
  std::vector<int> left = in.graph().value(a).dims, right = in.graph().value(b).dims;
  in.expect(!left.empty() && !right.empty(), "an input is a scalar");
  const bool vector_a = left.size() == 1, vector_b = right.size() == 1;
  if (vector_a) a = in.reshape(a, left = {1, left[0]});
  if (vector_b) b = in.reshape(b, right = {right[0], 1});
  const bool one_row = product(left) == left.back();
  ValueId result;
  if (in.graph().value(b).constant && right.size() == 2 && one_row && !in.graph().value(a).constant) {
    in.expect(left.back() == right[0], "columns of the first and rows of the second input differ");
    Node node;
    node.op = "linear";
    node.name = in.node_name();
    node.inputs = {a};
    node.weights = in.transpose(b, {1, 0});
    result = in.add(std::move(node));
    std::vector<int> dims(left.begin(), left.end() - 1);
    dims.push_back(right[1]);
    result = in.reshape(result, dims);
  } else {
    result = product_of(in, "matmul", a, b);
  }
  if (vector_a || vector_b) {
    std::vector<int> dims = in.graph().value(result).dims;
    if (vector_b) dims.pop_back();
    if (vector_a) dims.erase(dims.end() - (vector_b ? 1 : 2));
    result = in.reshape(result, dims);
  }
  in.define(result);
}

}  // namespace ditmos::compile
