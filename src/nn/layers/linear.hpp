#pragma once
#include "nn/kernels/kernels.hpp"
#include "nn/layers/norm.hpp"

namespace ditmos::nn {

/// Dropout -> linear -> optional ReLU, on values [group][input][lane].
template <class T>
class Linear {
 public:
  Linear(int inputs, int outputs, float dropout, bool relu);

  Slot<T> weight, bias;  // (outputs, inputs), (outputs)
  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }
  const Maps<T>& output() const { return output_; }
  Maps<T>& output() { return output_; }
  Maps<T>& gradient() { return gradient_; }  ///< of output(); to be filled before backward

  void prepare(const Maps<T>& input, const KernelTable<T>& kernels);
  void draw(Mode mode, Random* dropout);    ///< before forward: the elements that dropout keeps
  void forward(int group);
  /// Adds the gradients of the parameters and, when `input_gradient` is not null, writes that of the input.
  void backward(Maps<T>* input_gradient);

 private:
  std::size_t row_pitch() const { return static_cast<std::size_t>(inputs_ + kLanes - 1) / kLanes * kLanes; }

  int inputs_, outputs_;
  float dropout_;
  bool relu_, dropping_ = false;
  const KernelTable<T>* kernels_ = nullptr;
  const Maps<T>* input_ = nullptr;
  Maps<T> keep_;     // 0 or 1 / (1 - dropout)
  Maps<T> dropped_;  // input times keep
  Maps<T> output_, gradient_;
  AlignedVector<T> rows_;  // what the layer read, row-major, groups * kLanes samples x row_pitch()
};

}  // namespace ditmos::nn
