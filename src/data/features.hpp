#pragma once
#include <span>
#include <string>

#include "data/dataset.hpp"
#include "frontend/front_end.hpp"

namespace ditmos::data {

/// Turns a set's windows into features one at a time, so that a reader need not hold the samples of all windows.
class WindowFeatures {
 public:
  /// `windows`: shape, rate, unit, channel names of the windows before the front end (its x may be empty). The settings' own shape is not
  /// looked at. Throws Error, naming the set, where the front end does not fit.
  WindowFeatures(const Dataset& windows, const frontend::Settings& settings);
  /// By name: apply_front_end's names but "none".
  WindowFeatures(const Dataset& windows, const std::string& front_end);

  std::size_t size() const { return front_end_.feature_count(); }
  void compute(std::span<const float> window, std::span<float> features) const { front_end_.compute(window, features); }
  /// Gives `d` the features' shape, rate, unit, names, and the record of the settings.
  void describe(Dataset& d) const;
  /// Other for any other front end, also for one of the same settings that computes other bits (another version of the program): settings and
  /// features of a fixed window.
  std::string fingerprint() const;

 private:
  frontend::FrontEnd front_end_;
  double rate_hz_ = 0;
  std::string unit_;
  std::vector<std::string> channel_names_;
};

}  // namespace ditmos::data
