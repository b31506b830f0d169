#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "compile/quantize/quantize.hpp"

namespace ditmos::compile {

/// What was seen of one activation (or of several that share a scale): extremes of all elements and a thinned-out sample.
struct Observed {
  float low = 0, high = 0;     ///< 0 included
  std::vector<float> sample;
  std::size_t count = 0;       ///< values seen
  void add(float value, std::size_t stride);
  /// What was seen, times a gain > 0.
  void merge(const Observed& other, float gain = 1);
};

struct Range {
  float low = 0, high = 0;
};

/// The range that int8 is to cover.
Range choose_range(const Observed& seen, const QuantizeOptions& options);

/// Runs a float program over windows and calls visit(network, arrays by value) for each network that ran: those that answer, and
/// where a classifier answers fewer than `fewest` windows, that classifier also on the first ones.
void run_calibration(const Program& program, std::span<const float> windows, std::size_t count, std::size_t fewest,
                     const std::function<void(std::size_t network, const std::vector<std::vector<float>>& values)>& visit);

}  // namespace ditmos::compile
