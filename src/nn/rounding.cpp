#include "nn/rounding.hpp"

#include <algorithm>

namespace ditmos::nn {
namespace {

/// Adding and taking away rounds to a whole number, halves to even: the last bit of these is worth 1.
template <class T>
constexpr T whole = T(0);
template <>
constexpr float whole<float> = 12582912.0f;
template <>
constexpr double whole<double> = 6755399441055744.0;

template <class T>
struct Levels {
  Levels(const Grid& g, std::size_t channel)
      : scale(static_cast<T>(g.gain.empty() ? g.scale : g.scale / g.gain[channel])), inverse(T(1) / scale), low(static_cast<T>(g.low - g.zero)), high(static_cast<T>(g.high - g.zero)) {}
  T scale, inverse, low, high;  // low and high in steps from 0

  T round(T steps) const { return scale * (std::clamp(steps, low, high) + whole<T> - whole<T>); }
  bool holds(T steps) const { return steps >= low - T(0.5) && steps <= high + T(0.5); }
};

/// visit(levels, first, last) for the values of each channel of a group; channels behind those that have gains are as they are to be.
template <class T, class Visit>
void for_each_plane(const Grid& grid, const Maps<T>& maps, Visit visit) {
  const std::size_t plane = maps.plane_size();
  const std::size_t all = maps.group_size() / plane, channels = grid.gain.empty() ? all : std::min(all, grid.gain.size());
  for (std::size_t c = 0; c < channels; ++c) visit(Levels<T>(grid, c), c * plane, (c + 1) * plane);
}

}  // namespace

template <class T>
void Rounding<T>::prepare(const Maps<T>& maps) {
  const std::size_t size = static_cast<std::size_t>(maps.groups()) * maps.group_size();
  if (within_.size() < size) within_.resize(size);
}

template <class T>
void Rounding<T>::forward(Maps<T>& maps, int group) {
  T* values = maps.group(group);
  std::uint8_t* within = within_.data() + static_cast<std::size_t>(group) * maps.group_size();
  for_each_plane(grid_, maps, [&](const Levels<T>& levels, std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const T steps = values[i] * levels.inverse;
      within[i] = levels.holds(steps);
      values[i] = levels.round(steps);
    }
  });
}

template <class T>
void Rounding<T>::backward(Maps<T>& gradient) const {
  const std::size_t size = static_cast<std::size_t>(gradient.groups()) * gradient.group_size();
  T* d = gradient.data();
  for (std::size_t i = 0; i < size; ++i) d[i] = within_[i] ? d[i] : T(0);
}

template <class T>
void round_to(const Grid& grid, Maps<T>& maps, int group) {
  T* values = maps.group(group);
  for_each_plane(grid, maps, [&](const Levels<T>& levels, std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) values[i] = levels.round(values[i] * levels.inverse);
  });
}

template class Rounding<float>;
template class Rounding<double>;
template void round_to<float>(const Grid&, Maps<float>&, int);
template void round_to<double>(const Grid&, Maps<double>&, int);

}  // namespace ditmos::nn
