#include "nn/layers/linear.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace ditmos::nn {

template <class T>
Linear<T>::Linear(int inputs, int outputs, float dropout, bool relu)
    : inputs_(inputs), outputs_(outputs), dropout_(dropout), relu_(relu) {}

template <class T>
void Linear<T>::prepare(const Maps<T>& input, const KernelTable<T>& kernels) {
  input_ = &input;
  kernels_ = &kernels;
  const int samples = input.samples();
  output_.resize(samples, {outputs_, 1, 1});
  gradient_.resize(samples, {outputs_, 1, 1});
  keep_.resize(samples, {inputs_, 1, 1});
  dropped_.resize(samples, {inputs_, 1, 1});
  const std::size_t rows = static_cast<std::size_t>(input.groups()) * kLanes * row_pitch();
  if (rows_.size() < rows) rows_.resize(rows);
}

template <class T>
void Linear<T>::draw(Mode mode, Random* dropout) {
  dropping_ = mode == Mode::train && dropout_ > 0;
  if (!dropping_) return;
  if (!dropout) throw Error("training with dropout needs a source of random numbers");
  const T scale = T(1) / (T(1) - static_cast<T>(dropout_));
  const auto limit = static_cast<std::uint32_t>(static_cast<double>(dropout_) * 65536.0 + 0.5);
  T* keep = keep_.data();
  const std::size_t n = static_cast<std::size_t>(keep_.groups()) * keep_.group_size();
  for (std::size_t i = 0; i < n; i += 8) {  // 16 bits an element
    std::uint16_t bits[8];
    for (std::size_t j = 0; j < 8; j += 4) {
      const std::uint64_t word = dropout->next();
      for (std::size_t k = 0; k < 4; ++k) bits[j + k] = static_cast<std::uint16_t>(word >> (16 * k));
    }
    for (std::size_t j = 0; j < 8; ++j) keep[i + j] = bits[j] < limit ? T(0) : scale;
  }
}

template <class T>
void Linear<T>::forward(int group) {
  const std::size_t n = static_cast<std::size_t>(inputs_) * kLanes;
  const T* in = input_->group(group);
  if (dropping_) {
    const T* keep = keep_.group(group);
    T* dropped = dropped_.group(group);
    for (std::size_t i = 0; i < n; ++i) dropped[i] = in[i] * keep[i];
    in = dropped;
  }
  LinearTask<T> task{};
  task.input = in;
  task.inputs = inputs_;
  task.weights = weight.value;
  task.output_stride = static_cast<std::size_t>(inputs_);
  task.input_stride = 1;
  task.initial = bias.value;
  task.outputs = outputs_;
  task.output = output_.group(group);
  kernels_->linear(task);
  T* out = output_.group(group);
  const int used = output_.lanes(group);
  if (relu_)
    for (std::size_t i = 0; i < output_.group_size(); ++i) out[i] = std::max(out[i], T(0));
  if (used < kLanes)
    for (std::size_t i = 0; i < output_.group_size(); i += kLanes) std::fill(out + i + used, out + i + kLanes, T(0));
}

template <class T>
void Linear<T>::backward(Maps<T>* input_gradient) {
  for (int g = 0; g < output_.groups(); ++g) {
    T* d = gradient_.group(g);
    const T* out = output_.group(g);
    const std::size_t n = output_.group_size();
    if (relu_)
      for (std::size_t i = 0; i < n; ++i) d[i] = out[i] > T(0) ? d[i] : T(0);
    for (int o = 0; o < outputs_; ++o) {
      T sum = 0;
      for (std::size_t lane = 0; lane < kLanes; ++lane) sum += d[static_cast<std::size_t>(o) * kLanes + lane];
      bias.gradient[o] += sum;
    }
    const T* in = dropping_ ? dropped_.group(g) : input_->group(g);
    T* rows = rows_.data() + static_cast<std::size_t>(g) * kLanes * row_pitch();
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      for (std::size_t i = 0; i < static_cast<std::size_t>(inputs_); ++i)
        rows[lane * row_pitch() + i] = in[i * kLanes + lane];
    if (!input_gradient) continue;
    LinearTask<T> task{};
    task.input = d;
    task.inputs = outputs_;
    task.weights = weight.value;
    task.output_stride = 1;
    task.input_stride = static_cast<std::size_t>(inputs_);
    task.outputs = inputs_;
    task.output = input_gradient->group(g);
    kernels_->linear(task);
    if (dropping_) {
      const T* keep = keep_.group(g);
      for (std::size_t i = 0; i < static_cast<std::size_t>(inputs_) * kLanes; ++i) task.output[i] *= keep[i];
    }
  }
  kernels_->outer({rows_.data(), gradient_.data(), static_cast<int>(row_pitch()), output_.groups(), inputs_, outputs_, weight.gradient});
}

template class Linear<float>;
template class Linear<double>;

}  // namespace ditmos::nn
