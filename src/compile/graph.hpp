#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/bundle.hpp"

namespace ditmos::compile {

// The compiler's own form of a network: what is left after import (import.hpp), made smaller by passes
// (passes/passes.hpp), run on the host by the interpreter (interpreter.hpp), planned (schedule/) and
// emitted (emit_c/). Batch is 1. Memory is row-major over `dims`, and maps are channel-last:
// (1, width, channels) or (1, height, width, channels), so that a 1-D convolution is a dot product over
// contiguous memory. Weights follow: (filters, [kernel height,] kernel width, channels of one group).

using ValueId = int;
inline constexpr ValueId kNone = -1;

enum class Type { f32, s8, u8, s32 };
std::size_t bytes_of(Type type);
const char* name_of(Type type);

/// real = scale * (stored - zero_point) / gain. One scale, or one an output filter (dimension 0 of weights and bias).
struct Quantization {
  std::vector<float> scale;
  std::int32_t zero_point = 0;
  std::vector<std::int32_t> zero_points;  ///< one a scale, where a foreign file has several; else empty
  std::vector<float> gain;                ///< of activations: one an element of the last dimension (quantize/equalize.hpp); empty: 1
  /// scale / gain of element `i` of a value in memory order.
  float step(std::size_t i) const { return gain.empty() ? scale[0] : scale[0] / gain[i % gain.size()]; }
  /// 1 / step, as the chip multiplies by it.
  float inverse_step(std::size_t i) const { return gain.empty() ? 1.0f / scale[0] : gain[i % gain.size()] / scale[0]; }
};

/// Something a node reads or writes. Constants carry their elements: `f` for f32, else `i`.
struct Value {
  std::string name;
  std::vector<int> dims;
  Type type = Type::f32;
  Quantization quantization;  ///< scale empty: not quantized
  bool constant = false;
  std::vector<float> f;
  std::vector<std::int32_t> i;

  int size() const;                ///< elements
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * bytes_of(type); }
};

/// Height, width and channels of a channel-last map; height 1 for series, all ones for a vector but channels.
struct Extent {
  int height = 1, width = 1, channels = 1;
};
Extent extent_of(const std::vector<int>& dims);

/// A sliding window; index 0 is height, 1 is width.
struct Window {
  int kernel[2] = {1, 1};
  int stride[2] = {1, 1};
  int dilation[2] = {1, 1};
  int pad_before[2] = {0, 0}, pad_after[2] = {0, 0};
  bool is_identity() const {
    return kernel[0] == 1 && kernel[1] == 1 && stride[0] == 1 && stride[1] == 1 && pad_before[0] + pad_before[1] + pad_after[0] + pad_after[1] == 0;
  }
};

/// Range after a node's own arithmetic: ReLU is [0, inf). In an s8 graph low and high are still real numbers;
/// node.clamp holds them as stored integers.
struct Clamp {
  float low, high;
  bool is_none() const;
};
Clamp no_clamp();

/// What takes an s32 accumulator of one filter to the output's s8: zero point + round(acc * multiplier / 2^(32 + shift)), halves up
/// (docs/INT8.md). Set by quantize/ in conv and linear nodes, empty in float graphs. `shift` is one a layer, and the same in all
/// networks of one structure, so that emitted code has it as a constant.
struct Requantize {
  std::vector<std::int32_t> multiplier;
  int shift = 0;
  std::int32_t low = -128;  ///< the smallest stored number: the zero point where a ReLU is folded in
  bool paired = false;      ///< weights lie on the chip as DITMOS_PAIRS (runtime/include/ditmos/sum_s8.h), else as DITMOS_ROWS
};

/// One operation. `op` is a key of ops/ (operators()), which says what inputs and attributes mean:
///   conv           inputs: one or more maps, read as if concatenated along channels; weights; bias or kNone. window, groups; then
///                  clamp, then a max pool (pool; its pads are 0, remainder dropped).
///   linear         inputs: any value(s) of together columns elements, concatenated; weights (rows, columns); bias or kNone; clamp.
///   max_pool, average_pool   window; average_pool: count_padding. Channel-last.
///   affine         y = x * weights[c] + bias[c] over the last dimension; clamp.
///   clamp, leaky_relu (alpha), sigmoid, tanh     element by element.
///   add, sub, mul, div    two inputs, numpy broadcasting; clamp.
///   matmul         numpy matmul of two values.
///   concat         axis.       softmax   axis.       reduce_mean   axes; mode "keep" keeps them as dimensions of 1.
///   transpose      axes: output dimension d is input dimension axes[d].
///   reshape        axes: the new dims.
///   slice          axes, starts, steps, lengths: one each a sliced dimension.
///   pad            starts before, lengths after, one each a dimension; mode "constant" (alpha), "reflect", "edge".
///   quantize, dequantize    input, with the quantization of the output / the input; along `axis` when it has several scales.
struct Node {
  std::string op;
  std::string name;
  std::vector<ValueId> inputs;  ///< activations (or constants where an operator allows them)
  ValueId output = kNone;
  ValueId weights = kNone, bias = kNone;
  Window window;
  Window pool;
  int groups = 1;
  bool count_padding = false;
  Clamp clamp = no_clamp();
  int axis = 0;
  std::vector<int> axes;
  std::vector<std::int64_t> starts, steps, lengths;
  float alpha = 0;
  std::string mode;
  Requantize requantize;
  bool channel_major = false;  ///< float32 weights lie as in runtime/include/ditmos/layers_f32_m4.h
};

/// An input or output of the network: a name and the shape the outside knows, and the value inside.
/// `order`: outside dimension d is dimension order[d] of the value (NCHW outside, channel-last inside); empty: the same.
struct Port {
  std::string name;
  ValueId value = kNone;
  std::vector<int> dims;   ///< outside
  std::vector<int> order;
};

/// Nodes in topological order; each value is written once.
struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<Port> inputs, outputs;

  ValueId add_value(Value value);
  ValueId add_constant(const std::string& name, std::vector<int> dims, std::vector<float> f);
  const Value& value(ValueId id) const { return values[static_cast<std::size_t>(id)]; }
  Value& value(ValueId id) { return values[static_cast<std::size_t>(id)]; }
  /// Index of the node that writes the value, or -1.
  int producer(ValueId id) const;
  /// Nodes that read the value as an activation, weights or bias; outputs are not counted.
  std::vector<int> consumers(ValueId id) const;
  bool is_output(ValueId id) const;
  const Port* find_input(const std::string& port) const;
  const Port* find_output(const std::string& port) const;
};

/// Throws Error (this compiler's fault, not the user's) unless names, order, shapes and constants agree: every node's output has the
/// shape its operator infers.
void verify(const Graph& graph);

/// Several networks that make one answer (model/bundle.hpp): for `select`, networks[0] is the selector, and its outputs
/// other than "logits" are inputs of the same name in networks[1..].
struct Program {
  std::string name;
  model::Combine combine = model::Combine::single;
  std::vector<Graph> networks;
  std::vector<std::string> classes;
  int channels = 0, height = 1, width = 0;  ///< of "window"; all 0 for a network alone with other inputs
};

}  // namespace ditmos::compile
