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
  /// Logits for every row of the data set, at its row: only the training rows are filled. Made on first use.
  std::span<const float> teacher_logits();
  /// Throws away what teacher_logits() made: the network has changed.
  void forget();

  void save(Archive& archive) const;
  void restore(const Archive& archive);

 private:
  const Setup& setup_;
  nn::Network<float> network_;
  Optimizer optimizer_;
  Loader loader_;
  SampleLoss loss_;
  std::vector<float> logits_;
};

}  // namespace ditmos::method
