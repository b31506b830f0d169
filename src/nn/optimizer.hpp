#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/network.hpp"

namespace ditmos::nn {

/// Stochastic gradient descent as PyTorch's SGD (dampening 0): g = gradient + decay * value; v = momentum * v + g;
/// value -= rate * (nesterov ? g + momentum * v : v).
struct SgdOptions {
  double momentum = 0.9;
  bool nesterov = true;
  double weight_decay = 1e-4;
};

template <class T>
class Sgd {
 public:
  Sgd(std::vector<Parameter<T>> parameters, SgdOptions options);
  void step(double rate);
  void reset();  ///< velocity 0, as a new optimiser
  std::vector<std::byte> save() const;
  void restore(std::span<const std::byte> bytes);

 private:
  std::vector<Parameter<T>> parameters_;
  SgdOptions options_;
  std::vector<T> velocity_;
};

/// AdamW as PyTorch's: decoupled weight decay, bias-corrected moments.
struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 1e-2;
};

template <class T>
class AdamW {
 public:
  AdamW(std::vector<Parameter<T>> parameters, AdamWOptions options);
  void step(double rate);
  void reset();
  std::vector<std::byte> save() const;
  void restore(std::span<const std::byte> bytes);

 private:
  std::vector<Parameter<T>> parameters_;
  AdamWOptions options_;
  std::vector<T> first_, second_;
  std::int64_t steps_ = 0;
};

extern template class Sgd<float>;
extern template class Sgd<double>;
extern template class AdamW<float>;
extern template class AdamW<double>;

}  // namespace ditmos::nn
