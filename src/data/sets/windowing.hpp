#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// Samples of a window, and from one to the next.
struct WindowSteps {
  std::size_t width, hop;
};

/// What the options ask for, or the set's own seconds. Throws Error when a window is no sample.
inline WindowSteps window_steps(const LoadOptions& options, double rate, double seconds, double hop_seconds, const std::string& where) {
  const double width = std::round((options.window_seconds > 0 ? options.window_seconds : seconds) * rate);
  const double hop = std::round((options.hop_seconds > 0 ? options.hop_seconds : options.window_seconds > 0 ? options.window_seconds : hop_seconds) * rate);
  if (!(width >= 1 && width <= 1e7 && hop >= 1 && hop <= 1e7))
    throw Error(where + ": windows of " + std::to_string(width) + " samples every " + std::to_string(hop) + ", expected at least 1");
  return {static_cast<std::size_t>(width), static_cast<std::size_t>(hop)};
}

/// Cuts planar channels into windows that are appended to d.x; returns how many there were.
inline std::size_t cut_windows(Dataset& d, const std::vector<std::vector<float>>& channels, const WindowSteps& steps) {
  std::size_t count = 0;
  for (std::size_t at = 0; at + steps.width <= channels[0].size(); at += steps.hop, ++count)
    for (const auto& channel : channels)
      d.x.insert(d.x.end(), channel.begin() + static_cast<std::ptrdiff_t>(at),
                 channel.begin() + static_cast<std::ptrdiff_t>(at + steps.width));
  return count;
}

}  // namespace ditmos::data
