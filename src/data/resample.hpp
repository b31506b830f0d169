#pragma once
#include <span>
#include <vector>

namespace ditmos::data {

/// Samples at equal steps brought to another rate: windowed sinc (Hann, 16 zero crossings a side), low-pass at
/// the lower of the two half rates, gain 1 at zero frequency; the ends repeat. In double inside.
std::vector<float> resample(std::span<const float> samples, double from_hz, double to_hz);

/// Samples at rising times (seconds) brought to equal steps by straight lines, from the first time on.
std::vector<float> resample_times(std::span<const float> samples, std::span<const double> seconds, double to_hz);

}  // namespace ditmos::data
