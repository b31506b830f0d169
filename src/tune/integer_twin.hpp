#pragma once
#include <map>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "nn/network.hpp"

namespace ditmos::tune {

/// A network in training for integer arithmetic. Making one folds the batch norms into the layers in place (norms become 1 and 0), so that
/// the weights are those that the chip holds; an input norm before a padded block cannot be folded and stays as it is, frozen.
/// Forward and backward run on weights rounded to int8, optimiser steps on the real ones.
class IntegerTwin {
 public:
  explicit IntegerTwin(nn::Network<float>& network);

  /// Outputs are rounded to the scales of the quantized network (compile::quantize) from now on.
  void take_scales(const compile::Graph& quantized);
  /// Outputs are real again.
  void drop_scales();

  /// Each filter's, divided by the gains of the channels that they meet (compile/quantize/equalize.hpp), to 255 steps of the largest magnitude
  /// / 127; the real ones wait.
  void round_weights();
  void real_weights();   ///< puts the real ones back

  /// What is trained: weights and biases of convolutions and linear layers.
  std::vector<nn::Parameter<float>> parameters() const;

 private:
  nn::Network<float>& network_;
  bool separate_norm_ = false;
  std::vector<float> real_;
  std::map<std::string, std::vector<float>> gains_;  // by parameter
};

/// The grid of a graph's input (docs/INT8.md, Input).
nn::Grid grid_of_input(const compile::Graph& quantized, const std::string& name);

}  // namespace ditmos::tune
