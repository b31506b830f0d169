#pragma once
#include "method/supervised.hpp"
#include "method/teacher.hpp"

namespace ditmos::method {

/// The strong model: splits the training set (PAPER, splitting) and teaches (distillation). Not part of what is delivered. With strong.members above 1
/// several networks of its form, each with its own initial weights and order of samples, teach together; the first alone splits.
class StrongModel {
 public:
  StrongModel(const Setup& setup, Random& init);
  Stage stage();
  /// Flattened convolution features of the rows, (rows, dims); evaluate mode.
  std::vector<float> features(std::span<const std::uint32_t> rows, std::size_t& dims);
  /// Shared over the threads of one loop; copy it for a task of its own.
  Teacher& teacher() { return teacher_; }

  void save(Archive& archive) const;
  void restore(const Archive& archive);

 private:
  const Setup& setup_;
  Teacher teacher_;
  std::vector<Optimizer> optimizers_;
  Loader loader_;
  SampleLoss loss_;
};

}  // namespace ditmos::method
