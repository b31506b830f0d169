#pragma once
#include <cstdint>
#include <vector>

#include "nn/maps.hpp"

namespace ditmos::nn {

/// The integers that a map is stored as on a chip: value = scale * (stored - zero) / gain of the channel, low <= stored <= high.
struct Grid {
  float scale = 1;
  int zero = 0, low = -128, high = 127;
  std::vector<float> gain;  ///< one a channel; empty: 1
};

/// Rounds a map to its grid on the way forward; on the way back gradients pass where the value lay within the grid and are 0 elsewhere
/// (straight-through estimator: Bengio et al., arXiv:1308.3432; Jacob et al., arXiv:1712.05877).
template <class T>
class Rounding {
 public:
  explicit Rounding(const Grid& grid) : grid_(grid) {}
  void prepare(const Maps<T>& maps);           ///< makes room
  void forward(Maps<T>& maps, int group);      ///< groups may run side by side
  void backward(Maps<T>& gradient) const;      ///< of what forward rounded last

 private:
  Grid grid_;
  std::vector<std::uint8_t> within_;
};

/// Rounds a group of a map to the grid.
template <class T>
void round_to(const Grid& grid, Maps<T>& maps, int group);

extern template class Rounding<float>;
extern template class Rounding<double>;

}  // namespace ditmos::nn
