#pragma once
#include "method/supervised.hpp"

namespace ditmos::method {

/// The strong model: splits the training set (PAPER, splitting) and teaches (distillation). Not part of what is delivered.
class StrongModel {
 public:
  StrongModel(const Setup& setup, Random& init);
  Stage stage();
  /// Flattened convolution features of the rows, (rows, dims); evaluate mode.
  std::vector<float> features(std::span<const std::uint32_t> rows, std::size_t& dims);
  /// To teach with (Teacher): shared over the threads of one loop, or a copy for a task of its own.
  nn::Network<float>& network() { return network_; }
  nn::Network<float> copy() const;

  void save(Archive& archive) const;
  void restore(const Archive& archive);

 private:
  const Setup& setup_;
  nn::Network<float> network_;
  Optimizer optimizer_;
  Loader loader_;
  SampleLoss loss_;
};

}  // namespace ditmos::method
