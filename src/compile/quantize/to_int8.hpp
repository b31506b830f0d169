#pragma once
#include <functional>
#include <vector>

#include "compile/graph.hpp"
#include "compile/quantize/pack.hpp"
#include "compile/quantize/sharing.hpp"

namespace ditmos::compile {

/// The kernels' multiplier is below 2^31 with a shift of 1 or more, where the scale of sums is less than this share of the output's.
inline constexpr double kMostRatio = 0.2499;

inline bool has_weights(const Node& node) { return node.op == "conv" || node.op == "linear"; }

/// Scale of each filter's weights: its largest magnitude over 127, larger where the bias would leave 24 bits.
std::vector<float> weight_scales(const Graph& graph, const Node& node, float input_scale);

/// Throws Error naming the first node without an int8 rule.
void check_int8_operators(const Graph& graph);

/// Where the scales come from: calibration (quantize.hpp) or a QDQ file (qdq.hpp).
struct Int8Scales {
  std::function<Quantization(std::size_t network, ValueId value)> activation;
  std::function<std::vector<float>(std::size_t network, std::size_t node)> weights;  ///< one a filter; none: weight_scales()
};

/// A float32 program with these scales as int8. Throws Error: a ratio of scales that the kernels cannot take, an accumulator that
/// could overflow.
Program to_int8(const Program& program, const Sharing& sharing, const Int8Scales& scales, WeightLayout layout);

}  // namespace ditmos::compile
