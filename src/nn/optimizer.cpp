#include "nn/optimizer.hpp"

#include <algorithm>
#include <cmath>

#include "nn/bytes.hpp"
#include "nn/kernels/kernels.hpp"

namespace ditmos::nn {
namespace {

template <class T>
std::size_t count_values(const std::vector<Parameter<T>>& parameters) {
  std::size_t n = 0;
  for (const auto& p : parameters) n += p.value.size();
  return n;
}

}  // namespace

template <class T>
Sgd<T>::Sgd(std::vector<Parameter<T>> parameters, SgdOptions options)
    : parameters_(std::move(parameters)), options_(options), velocity_(count_values(parameters_)) {}

template <class T>
void Sgd<T>::step(double rate) {
  T* velocity = velocity_.data();
  for (std::size_t i = 0; i < parameters_.size();) {
    const auto& first = parameters_[i];
    std::size_t count = 0;  // a network's parameters lie side by side: one call for those that do and decay alike
    for (; i < parameters_.size() && parameters_[i].decay == first.decay && parameters_[i].value.data() == first.value.data() + count &&
           parameters_[i].gradient.data() == first.gradient.data() + count;
         ++i)
      count += parameters_[i].value.size();
    fast_kernels<T>().sgd({first.value.data(), velocity, first.gradient.data(), count, static_cast<T>(rate),
                           static_cast<T>(options_.momentum), first.decay ? static_cast<T>(options_.weight_decay) : T(0),
                           options_.nesterov});
    velocity += count;
  }
}

template <class T>
void Sgd<T>::reset() {
  std::fill(velocity_.begin(), velocity_.end(), T(0));
}

template <class T>
std::vector<std::byte> Sgd<T>::save() const {
  return pack_bytes(velocity_);
}

template <class T>
void Sgd<T>::restore(std::span<const std::byte> bytes) {
  unpack_bytes(bytes, "optimizer state", velocity_);
}

template <class T>
AdamW<T>::AdamW(std::vector<Parameter<T>> parameters, AdamWOptions options)
    : parameters_(std::move(parameters)),
      options_(options),
      first_(count_values(parameters_)),
      second_(count_values(parameters_)) {}

template <class T>
void AdamW<T>::step(double rate) {
  ++steps_;
  const double t = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = 1 - std::pow(options_.beta2, t);
  const T beta1 = static_cast<T>(options_.beta1), beta2 = static_cast<T>(options_.beta2);
  const T step_size = static_cast<T>(rate / correction1), scale = static_cast<T>(1 / std::sqrt(correction2));
  const T epsilon = static_cast<T>(options_.epsilon);
  T* first = first_.data();
  T* second = second_.data();
  for (auto& p : parameters_) {
    const T keep = p.decay ? static_cast<T>(1 - rate * options_.weight_decay) : T(1);
    T* value = p.value.data();
    const T* gradient = p.gradient.data();
    const std::size_t n = p.value.size();
    for (std::size_t i = 0; i < n; ++i) {
      const T g = gradient[i];
      first[i] = beta1 * first[i] + (T(1) - beta1) * g;
      second[i] = beta2 * second[i] + (T(1) - beta2) * g * g;
      value[i] = value[i] * keep - step_size * first[i] / (std::sqrt(second[i]) * scale + epsilon);
    }
    first += n;
    second += n;
  }
}

template <class T>
void AdamW<T>::reset() {
  std::fill(first_.begin(), first_.end(), T(0));
  std::fill(second_.begin(), second_.end(), T(0));
  steps_ = 0;
}

template <class T>
std::vector<std::byte> AdamW<T>::save() const {
  return pack_bytes(first_, second_, std::span(&steps_, 1));
}

template <class T>
void AdamW<T>::restore(std::span<const std::byte> bytes) {
  std::span<std::int64_t> steps(&steps_, 1);
  unpack_bytes(bytes, "optimizer state", first_, second_, steps);
}

template class Sgd<float>;
template class Sgd<double>;
template class AdamW<float>;
template class AdamW<double>;

}  // namespace ditmos::nn
