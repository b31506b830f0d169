#pragma once
#include <span>
#include <vector>

#include "core/random.hpp"
#include "data/dataset.hpp"
#include "method/config.hpp"

namespace ditmos::method {

/// Makes a new window out of a training window, label unchanged. In this order, each where its size is above 0:
/// - warp and shift: time is read at c + (1 + a)(t - c) + b L / 2pi (sin(2pi t / L + f) - sin(2pi c / L + f)) + s, with a, b ~ warp * N(0, 1), s whole
///   numbers up to `shift`, L the length, c its middle; linear interpolation, the edge value beyond the ends. Images move both ways.
/// - rotation: every three channels (the axes of one sensor) turned about a random axis by rotation * N(0, 1) degrees. Only raw samples of
///   acceleration (unit "m/s^2" or "g", channels in threes) have axes to turn; other sets are left as they are.
/// - gain: times 1 + gain * N(0, 1).
/// - mask: up to mask * L samples in a row, length and place uniform, become each channel's mean over the window.
/// - noise: white, in units of the training windows' standard deviation.
class Augmentation {
 public:
  Augmentation(const data::Dataset& dataset, const Config::Recipe& recipe, std::span<const std::uint32_t> train);
  bool does_nothing() const { return gain_ <= 0 && noise_ <= 0 && warp_ <= 0 && rotation_ <= 0 && shift_ == 0 && mask_ <= 0; }
  /// `out`: dataset.window_size() values.
  void apply(std::span<const float> window, Random& random, float* out) const;

 private:
  void move(std::span<const float> window, Random& random, float* out) const;
  void rotate(Random& random, float* window) const;
  void blank(Random& random, float* window) const;

  const data::Dataset* dataset_;
  double gain_, noise_ = 0, warp_, rotation_, mask_;
  int shift_;
};

/// Share of the first of two windows that are mixed (Zhang 2018, mixup): of Beta(alpha, alpha), the larger side, 0.5 .. 1. 0 < alpha <= 1.
double mixing_share(double alpha, Random& random);

}  // namespace ditmos::method
