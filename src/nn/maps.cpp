#include "nn/maps.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"

namespace ditmos::nn {

template <class T>
void Maps<T>::resize(int samples, Shape shape) {
  samples_ = samples;
  shape_ = shape;
  const std::size_t size = static_cast<std::size_t>(groups()) * group_size();
  if (data_.size() < size) data_.resize(size);
}

template <class T>
void Maps<T>::zero(int samples, Shape shape) {
  resize(samples, shape);
  std::fill_n(data_.begin(), static_cast<std::ptrdiff_t>(static_cast<std::size_t>(groups()) * group_size()), T(0));
}

template <class T>
void Maps<T>::gather(std::span<const float> windows, Shape shape, std::span<const std::uint32_t> rows) {
  resize(static_cast<int>(rows.size()), shape);
  const std::size_t size = static_cast<std::size_t>(shape.size());
  for (const std::uint32_t row : rows)
    if ((row + std::size_t{1}) * size > windows.size())
      throw Error("window " + std::to_string(row) + " is outside the array of " + std::to_string(windows.size() / size));
  for (int g = 0; g < groups(); ++g) {
    const int used = lanes(g);
    T* out = group(g);
    const float* in[kLanes];
    for (int lane = 0; lane < kLanes; ++lane)
      in[lane] = windows.data() + rows[static_cast<std::size_t>(g * kLanes + std::min(lane, used - 1))] * size;
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t lane = 0; lane < kLanes; ++lane) out[i * kLanes + lane] = static_cast<T>(in[lane][i]);
    if (used == kLanes) continue;
    for (std::size_t i = 0; i < size; ++i) std::fill(out + i * kLanes + used, out + (i + 1) * kLanes, T(0));
  }
}

template <class T>
void Maps<T>::from_rows(std::span<const T> rows, int samples, Shape shape) {
  zero(samples, shape);
  const std::size_t size = static_cast<std::size_t>(shape.size());
  if (rows.size() != size * static_cast<std::size_t>(samples))
    throw Error("rows hold " + std::to_string(rows.size()) + " values, expected " +
                std::to_string(size * static_cast<std::size_t>(samples)));
  for (int s = 0; s < samples; ++s) {
    const T* in = rows.data() + static_cast<std::size_t>(s) * size;
    T* out = group(s / kLanes) + s % kLanes;
    for (std::size_t i = 0; i < size; ++i) out[i * kLanes] = in[i];
  }
}

template <class T>
void Maps<T>::to_rows(std::vector<T>& rows) const {
  const std::size_t size = static_cast<std::size_t>(shape_.size());
  rows.resize(static_cast<std::size_t>(samples_) * size);
  for (int s = 0; s < samples_; ++s) {
    const T* in = group(s / kLanes) + s % kLanes;
    T* out = rows.data() + static_cast<std::size_t>(s) * size;
    for (std::size_t i = 0; i < size; ++i) out[i] = in[i * kLanes];
  }
}

template class Maps<float>;
template class Maps<double>;

}  // namespace ditmos::nn
