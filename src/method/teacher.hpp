#pragma once
#include <span>
#include <vector>

#include "nn/network.hpp"

namespace ditmos::method {

/// Networks that answer together: each class's probability is the mean of theirs.
class Teacher {
 public:
  Teacher(const nn::NetworkSpec& spec, int members, Random& init);
  int size() const { return static_cast<int>(members_.size()); }
  nn::Network<float>& member(int k) { return members_[static_cast<std::size_t>(k)]; }
  const nn::Network<float>& member(int k) const { return members_[static_cast<std::size_t>(k)]; }
  /// The same networks, for a task of its own: an answer uses their activations.
  Teacher copy() const;
  /// (samples, classes): the logits of one member, the logarithms of the mean probabilities of several; evaluate mode. Valid until the next call.
  std::span<const float> answer(const nn::Maps<float>& input);

 private:
  std::vector<nn::Network<float>> members_;
  std::vector<float> answer_;
};

}  // namespace ditmos::method
