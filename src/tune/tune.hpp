#pragma once
#include <functional>
#include <vector>

#include "compile/quantize/quantize.hpp"
#include "method/committee.hpp"
#include "method/method.hpp"

namespace ditmos::tune {

inline constexpr std::size_t kCalibrationWindows = 256;  ///< of the training part, unless asked otherwise

struct TuneOptions {
  int epochs = 10;
  double learning_rate = 5e-4;  ///< AdamW's at the first step; falls to 0 along a cosine
  int batch = 32;
  compile::QuantizeOptions quantize;
  std::size_t calibration_windows = kCalibrationWindows;
  std::function<void(int epoch)> on_epoch;  ///< after each, from 1
};

/// What an integer network does on some windows.
struct IntegerScore {
  double accuracy = 0;
  double log_loss = 0;  ///< mean negative log probability of the true class, from the dequantized logits
  bool better_than(const IntegerScore& other) const { return accuracy > other.accuracy || (accuracy == other.accuracy && log_loss < other.log_loss); }
};
/// Of an answer of float or integer networks: the softmax of logits; what `average` gives are probabilities already.
std::vector<double> probabilities(const std::vector<float>& answer, model::Combine combine);
IntegerScore score_integers(const compile::Program& quantized, const data::Dataset& dataset, const std::vector<std::uint32_t>& rows);

/// The integer network after an epoch; 0: post-training quantisation alone.
struct TunedEpoch {
  double loss = 0;          ///< mean over the training windows; 0 for epoch 0
  IntegerScore validation;
};

struct TuneResult {
  std::vector<TunedEpoch> epochs;
  int best = 0;
};

/// Quantisation-aware fine-tuning (docs/INT8.md). Trains the committee's networks on the training part, with weights and activations
/// rounded to the integers of the chip and straight-through gradients, batch norms folded, `teacher` (the same networks, untouched) as soft
/// targets. After each epoch the committee is quantized again and its integers are run on the validation part; the committee ends as the best
/// of these, epoch 0 included: the highest accuracy, of equal ones the lower log loss; as the last where the validation part is empty. Throws Interrupted after a signal.
TuneResult tune(method::Committee& committee, method::Committee& teacher, const method::Setup& setup, const TuneOptions& options);

/// The committee as the compiler takes it for int8, in float32, and at most `most` windows of the rows, evenly spread.
compile::Program float_program(method::Committee& committee, const method::Setup& setup);
std::vector<float> spread_windows(const data::Dataset& dataset, const std::vector<std::uint32_t>& rows, std::size_t most, std::size_t& count);

}  // namespace ditmos::tune
