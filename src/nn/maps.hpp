#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "nn/spec.hpp"

namespace ditmos::nn {

/// Samples that lie side by side in memory, whatever the width of the machine's vectors.
inline constexpr int kLanes = 8;

/// Allocator on cache-line boundaries.
template <class T>
struct CacheAligned {
  using value_type = T;
  CacheAligned() = default;
  template <class U>
  CacheAligned(const CacheAligned<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(64))); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, std::align_val_t(64)); }
  bool operator==(const CacheAligned&) const { return true; }
};
template <class T>
using AlignedVector = std::vector<T, CacheAligned<T>>;

/// A batch of maps in the engine's own layout: samples in groups of kLanes, within a group [channel][height][width][lane].
/// Lanes past `samples` hold zeros and take no part in statistics, losses or gradients.
template <class T>
class Maps {
 public:
  static constexpr int kLanes = nn::kLanes;
  void resize(int samples, Shape shape);  ///< contents unspecified; no allocation once the largest batch was seen
  void zero(int samples, Shape shape);    ///< as resize, then every value 0
  /// Fills from windows rows[i] of a row-major (N, C, H, W) array.
  void gather(std::span<const float> windows, Shape shape, std::span<const std::uint32_t> rows);
  /// Fills from row-major (samples, C*H*W).
  void from_rows(std::span<const T> rows, int samples, Shape shape);
  /// Row-major (samples, C*H*W), as ONNX Flatten.
  void to_rows(std::vector<T>& rows) const;
  int samples() const { return samples_; }
  int groups() const { return (samples_ + kLanes - 1) / kLanes; }
  /// Lanes of group g that hold samples.
  int lanes(int g) const { return samples_ - g * kLanes < kLanes ? samples_ - g * kLanes : kLanes; }
  const Shape& shape() const { return shape_; }
  T* data() { return data_.data(); }
  const T* data() const { return data_.data(); }
  T* group(int g) { return data_.data() + static_cast<std::size_t>(g) * group_size(); }
  const T* group(int g) const { return data_.data() + static_cast<std::size_t>(g) * group_size(); }
  /// Values of a channel of a group, and of a group.
  std::size_t plane_size() const {
    return static_cast<std::size_t>(shape_.height) * static_cast<std::size_t>(shape_.width) * kLanes;
  }
  std::size_t group_size() const { return static_cast<std::size_t>(shape_.channels) * plane_size(); }

 private:
  int samples_ = 0;
  Shape shape_;
  AlignedVector<T> data_;
};

extern template class Maps<float>;
extern template class Maps<double>;

}  // namespace ditmos::nn
