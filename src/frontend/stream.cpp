#include "frontend/stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::frontend {
namespace {

constexpr int kMostPhases = 64;
constexpr int kMostWeights = 4096;

/// Inputs on each side of an output that the filter reads.
double reach_of(double from_hz, double to_hz) { return 16 * std::max(1.0, from_hz / to_hz); }

}  // namespace

Json to_json(const Stream& s) {
  return {{"columns", s.columns}, {"factors", s.factors}, {"width", s.width}, {"hop", s.hop}, {"peak_threshold", s.threshold}, {"rate_hz", s.rate_hz}, {"sensor_hz", s.sensor_hz}};
}

Stream parse_stream(const Json& json, const std::string& where) {
  Stream s;
  s.columns = json_get<std::vector<std::string>>(json, "columns", where);
  s.factors = json_get<std::vector<double>>(json, "factors", where);
  const auto whole = [&](const char* key) {
    const double value = json_get<double>(json, key, where);
    return value >= 1 && value <= 1e8 && value == std::floor(value) ? static_cast<int>(value) : 0;
  };
  s.width = whole("width");
  s.hop = whole("hop");
  s.threshold = json_get<double>(json, "peak_threshold", where);
  s.rate_hz = json_get<double>(json, "rate_hz", where);
  s.sensor_hz = json_get<double>(json, "sensor_hz", where);
  const bool finite = std::all_of(s.factors.begin(), s.factors.end(), [](double f) { return std::isfinite(f); });
  if (s.columns.empty() || s.columns.size() != s.factors.size() || !finite || s.width < 1 || s.hop < 1 || !(s.threshold >= 0) || !(s.rate_hz > 0) || !(s.sensor_hz >= 0))
    throw Error(where + " makes no sense", "it needs a factor a column, width and hop from 1 to 100000000, rates and peak_threshold from 0");
  return s;
}

SincWeights sinc_weights(double share, double from_hz, double to_hz) {
  const double cutoff = std::min(1.0, to_hz / from_hz), reach = reach_of(from_hz, to_hz);  // the cutoff as a share of the input's half rate
  SincWeights out;
  out.reach = static_cast<int>(std::ceil(reach + 1));
  double sum = 0;
  for (int k = -out.reach; k <= out.reach; ++k) {
    const double x = k - share, angle = std::numbers::pi * x * cutoff;
    const double sinc = std::abs(angle) < 1e-12 ? 1 : std::sin(angle) / angle;
    out.weights.push_back(std::abs(x) <= reach ? sinc * (0.5 + 0.5 * std::cos(std::numbers::pi * x / reach)) : 0);
    sum += out.weights.back();
  }
  for (double& weight : out.weights) weight /= sum;
  return out;
}

Resampler make_resampler(double from_hz, double to_hz) {
  Resampler r;
  const double ratio = from_hz / to_hz;
  for (int p = 1; p <= kMostPhases && r.phases == 0; ++p)
    if (std::abs(ratio * p - std::round(ratio * p)) < 1e-9 * ratio * p && ratio * p < 1e6) r.phases = p, r.step = static_cast<int>(std::round(ratio * p));
  const std::string what = fmt::format("rows at {:g} Hz for windows at {:g} Hz", from_hz, to_hz);
  if (r.phases == 0) throw Error(what + " have no ratio of whole numbers up to " + std::to_string(kMostPhases), "let the sensor run at the windows' rate");
  const double weights = r.phases * (2 * std::ceil(reach_of(from_hz, to_hz) + 1) + 1);
  if (weights > kMostWeights) throw Error(what + fmt::format(" need a filter of {:g} weights, {} are the most", weights, kMostWeights), "let the sensor run at the windows' rate");
  for (int phase = 0; phase < r.phases; ++phase) {
    const SincWeights w = sinc_weights(static_cast<double>(phase) / r.phases, from_hz, to_hz);
    r.taps = static_cast<int>(w.weights.size());
    r.weights.insert(r.weights.end(), w.weights.begin(), w.weights.end());
  }
  return r;
}

}  // namespace ditmos::frontend
