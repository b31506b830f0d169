#include "core/error.hpp"
#include "compile/ops/operator.hpp"

namespace ditmos::compile {

extern const Operator add_operator, affine_operator, average_pool_operator, clamp_operator, concat_operator, conv_operator, dequantize_operator,
    div_operator, leaky_relu_operator, linear_operator, matmul_operator, max_pool_operator, mul_operator, pad_operator, quantize_operator,
    reduce_mean_operator, reshape_operator, sigmoid_operator, slice_operator, softmax_operator, sub_operator, tanh_operator, transpose_operator;

namespace {

const Operator* const kOperators[] = {
    &add_operator,        &affine_operator,   &average_pool_operator, &clamp_operator,   &concat_operator,      &conv_operator,
    &dequantize_operator, &div_operator,      &leaky_relu_operator,   &linear_operator,  &matmul_operator,      &max_pool_operator,
    &mul_operator,        &pad_operator,      &quantize_operator,     &reduce_mean_operator, &reshape_operator, &sigmoid_operator,
    &slice_operator,      &softmax_operator,  &sub_operator,          &tanh_operator,    &transpose_operator,
};

}  // namespace

const Operator& find_operator(const std::string& name) {
  for (const Operator* candidate : kOperators)
    if (name == candidate->name) return *candidate;
  throw Error("internal: no operator \"" + name + "\"");
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const Operator* candidate : kOperators) names.emplace_back(candidate->name);
  return names;
}

}  // namespace ditmos::compile
