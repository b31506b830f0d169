#pragma once
#include "method/committee.hpp"
#include "method/losses.hpp"

namespace ditmos::method {

/// What a finished committee is taught when its weights are tuned further (tune/): each method's own rule, with no new splitting or search.
///   one network, or several averaged: each its own SampleLoss
///   mixture, moe: the mixture likelihood, gradients of the selector's maps included
///   selector and classifiers otherwise: each classifier what the selector routes to it, the selector its confident targets; maps are given
/// The committee as it was before, `teacher`, teaches every network with weight 1/2 (soft targets), except in the mixture likelihood.
class TuningLoss {
 public:
  TuningLoss(const Config& config, const Committee& committee);

  struct Gradients {
    std::vector<float> selector;     ///< as the selector's logits
    std::vector<float> classifiers;  ///< as Bank::backward_all takes them
    bool through_maps = false;       ///< the classifiers' gradients flow into the selector's maps
  };
  /// Mean loss of a batch on which both committees' networks have run forward; writes the gradients.
  double operator()(const Committee& committee, const Committee& teacher, std::span<const std::int32_t> labels, Gradients& gradients) const;

 private:
  double routed(const Committee& committee, const Committee& teacher, std::span<const std::int32_t> labels, Gradients& gradients) const;

  bool mixture_, hard_;
  MixtureWeights weights_;
  SampleLoss classifier_loss_, selector_loss_;
};

}  // namespace ditmos::method
