#pragma once
#include <string>
#include <vector>

#include "core/json.hpp"

namespace ditmos::frontend {

/// How rows of a sensor become windows on the chip, as the recordings of the training data did (docs/DATA.md, "Your own recordings"); a data
/// set's record and the bundle's manifest ("stream") hold it as JSON.
struct Stream {
  std::vector<std::string> columns;  ///< of a row, one a channel
  std::vector<double> factors;       ///< one a channel: unit and sign
  int width = 0, hop = 0;            ///< samples
  double threshold = 0;              ///< windows around peaks of the magnitude that reach it; 0: every hop
  double rate_hz = 0;                ///< of the windows
  double sensor_hz = 0;              ///< of the rows; 0: rows come with times
  bool operator==(const Stream&) const = default;
};

Json to_json(const Stream& stream);
/// Throws Error naming the member; `where` names the file.
Stream parse_stream(const Json& json, const std::string& where);

/// Filter that brings rows at from_hz to to_hz (data/resample.hpp) in the form of runtime/include/ditmos/stream.h.
struct Resampler {
  int phases = 0, step = 0, taps = 0;
  std::vector<float> weights;  ///< [phases][taps]
};
/// Throws Error where the rates have no ratio of whole numbers up to 64, or the filter would have more than 4096 weights.
Resampler make_resampler(double from_hz, double to_hz);

/// Weights of a windowed sinc (Hann, 16 zero crossings a side, low-pass at the lower half rate, gain 1 at zero frequency) for an output that
/// lies `share` (0 .. 1) of a step behind input 0: for inputs -reach .. reach, in double.
struct SincWeights {
  int reach = 0;
  std::vector<double> weights;
};
SincWeights sinc_weights(double share, double from_hz, double to_hz);

}  // namespace ditmos::frontend
