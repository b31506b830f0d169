#pragma once
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// Which activations of a program have one scale and zero point:
///   - maps that a convolution or linear layer reads side by side, and inputs and outputs of operators that only move or choose values;
///   - graph inputs and outputs of one name across networks: the window, the selector's maps, and the classifiers' logits (the
///     selector's logits are its own).
/// And which networks are alike: same operators in the same order with the same shapes, so that they run on one piece of code.
class Sharing {
 public:
  explicit Sharing(const Program& program);
  int groups() const { return groups_; }
  int group(std::size_t network, ValueId value) const { return group_[network][static_cast<std::size_t>(value)]; }
  /// Activations that nothing reads or writes have no group.
  bool is_used(std::size_t network, ValueId value) const { return group(network, value) >= 0; }
  /// Outputs of a layer without ReLU that leave the network or enter a layer: zero point 0.
  bool is_symmetric(int group) const { return symmetric_[static_cast<std::size_t>(group)]; }
  bool alike(std::size_t a, std::size_t b) const { return family_[a] == family_[b]; }

 private:
  int groups_ = 0;
  std::vector<std::vector<int>> group_;
  std::vector<char> symmetric_;
  std::vector<int> family_;
};

}  // namespace ditmos::compile
