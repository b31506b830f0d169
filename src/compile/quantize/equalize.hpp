#pragma once
#include <vector>

#include "compile/graph.hpp"
#include "compile/quantize/ranges.hpp"

namespace ditmos::compile {

/// Activations whose channels are multiplied by one gain each: a map and what its pool makes of it, and what goes by one name in several
/// networks (the window, the selector's maps).
class Channels {
 public:
  explicit Channels(const Program& program);
  int groups() const { return static_cast<int>(channels_.size()); }
  /// -1: nothing reads or writes the value.
  int group(std::size_t network, ValueId value) const { return group_[network][static_cast<std::size_t>(value)]; }
  /// 1 where the channels cannot have gains of their own: logits, what a ReLU6 gives, what an operator other than conv, linear and pools
  /// touches.
  int channels(int group) const { return channels_[static_cast<std::size_t>(group)]; }

 private:
  std::vector<std::vector<int>> group_;
  std::vector<int> channels_;
};

/// One a channel, by group of Channels; empty: 1.
using Gains = std::vector<std::vector<float>>;

/// Gains with which one int8 scale serves all channels of an activation, and one all weights of a filter: sqrt(share) / width, where a channel's
/// width is that of its range, and its share (0 .. 1) the most that it contributes to a filter of what reads it, |weight| * width, against that
/// filter's largest contribution. Then activations have range sqrt(share) and weights sqrt(share) too: neither loses more steps than the
/// other (SmoothQuant with alpha 1/2, Xiao et al., arXiv:2211.10438; cross-layer equalisation, Nagel et al., arXiv:1906.04721), whatever
/// the channels' units. Widths are those of the extremes: what is clipped is clipped by the one scale. seen: by group and channel.
Gains equalizing_gains(const Program& program, const Channels& channels, const std::vector<std::vector<Observed>>& seen);

/// The same function of window * gain: weights and biases of a layer are multiplied by the gains of what it gives, weights divided by those
/// of what it reads.
void apply_gains(Program& program, const Channels& channels, const Gains& gains);

}  // namespace ditmos::compile
