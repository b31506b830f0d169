#pragma once
#include <span>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "compile/quantize/pack.hpp"

namespace ditmos::compile {

/// How the range of an activation is taken from calibration windows.
enum class Calibration {
  min_max,     ///< the extremes
  percentile,  ///< what leaves out a share of the values at each end
  mse          ///< the clipped extremes that give the least mean square error
};
/// "min-max", "percentile", "mse"; throws Error with the nearest name.
Calibration calibration_of(const std::string& name);
std::string name_of(Calibration calibration);

struct QuantizeOptions {
  Calibration calibration = Calibration::mse;
  double percentile = 99.99;  ///< of the values between the ends, for `percentile`
  WeightLayout layout = WeightLayout::rows;  ///< on the chip; layers whose sums are too large for pairs take rows
};

/// Signal to quantisation noise of one node's output over the calibration windows, in dB: 10 log10(sum x^2 / sum (x - q(x))^2) with x
/// in float32 and q(x) after all int8 layers up to it.
struct LayerNoise {
  std::string network, node;
  double sqnr_db = 0;
  float scale = 0;
  std::int32_t zero_point = 0;
};

/// Batch norms that found no convolution to fold into (before a padded one) become convolutions of one tap a channel, which have an int8 rule.
/// What quantize takes.
void lower_for_int8(Program& program);

/// The int8 form of a float32 program (docs/INT8.md): activations, weights and bias of every graph become integers with their
/// Quantization, conv and linear nodes get their Requantize. Maps read side by side, and values of one name across networks, have
/// one scale; networks after the selector with one structure have the same zero points and shifts at the same places.
/// windows: count x (channels, height, width) of the program (or the elements of its only input), training data. Throws Error: no
/// window, a window of another size, NaN, an operator without an int8 rule (named), an accumulator that could overflow.
Program quantize(const Program& program, std::span<const float> windows, std::size_t count, const QuantizeOptions& options = {});

/// The noise of each node of `quantized` against the float program it was made from; networks that no window ran are left out.
std::vector<LayerNoise> quantization_noise(const Program& program, const Program& quantized, std::span<const float> windows,
                                           std::size_t count);

/// The bias of a conv or linear node as the kernels add it: bias - zero point of the input * sum of the filter's weights.
std::vector<std::int32_t> folded_bias(const Graph& graph, const Node& node);

/// Whether the graph's values are int8.
bool is_quantized(const Graph& graph);

}  // namespace ditmos::compile
