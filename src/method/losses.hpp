#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "method/config.hpp"

namespace ditmos::method {

/// What a classifier is taught about one sample: a class, spread by label smoothing, mixed with a teacher's logits.
/// loss = (1 - d) * CE(smoothed target) + d * distillation, d = recipe.distillation (0 without a teacher).
/// Distillation: "soft": T^2 KL(teacher_T || student_T) (Hinton 2015); "decoupled": T^2 (TCKD + beta NCKD), beta = 4
/// (Zhao 2022, equation 7 with alpha = 1).
class SampleLoss {
 public:
  SampleLoss(const Config::Recipe& recipe, int classes);
  int classes() const { return classes_; }

  /// Loss of one sample; `gradient` (classes values) becomes its derivative by the logits. `teacher`: logits, or empty. A mixed sample has a share
  /// 1 - `share` of class `other` as well.
  double operator()(std::span<const float> logits, int label, std::span<const float> teacher, std::span<float> gradient, int other = 0, double share = 1) const;

 private:
  double distil_soft(std::span<const float> logits, std::span<const float> teacher, std::span<float> gradient) const;
  double distil_decoupled(std::span<const float> logits, int label, std::span<const float> teacher, std::span<float> gradient) const;

  int classes_;
  double smoothing_, distillation_, temperature_;
  bool decoupled_;
};

/// Logits of K classifiers for a batch, each (samples, classes), row-major.
using LogitsOfAll = std::span<const std::span<const float>>;

/// What is known of a batch.
struct BatchTargets {
  int samples = 0;
  std::span<const std::int32_t> labels;
  std::span<const float> teacher;  ///< (samples, classes) logits, or empty
  std::span<const std::uint32_t> partners = {};  ///< as Loader::partners and shares; empty: nothing is mixed
  std::span<const float> shares = {};

  int other(std::size_t i) const { return partners.empty() ? labels[i] : labels[partners[i]]; }
  double share(std::size_t i) const { return shares.empty() ? 1.0 : static_cast<double>(shares[i]); }
};

/// Mean over the batch of the sample losses times their weights (empty: ones); with `divide` false the weights stand as they are:
/// sum of weight * loss. Writes the gradient.
double weighted_loss(const SampleLoss& loss, const BatchTargets& batch, std::span<const float> logits, std::span<const float> weights,
                     bool divide, std::span<float> gradient);

/// Target of the selector for each sample (PAPER, selector step): classifier i has v_i = +max softmax if it is right on the sample, -max softmax
/// if wrong; the target is argmax v. With `hard`, the first right classifier, and the least confident one where none is right.
std::vector<std::int32_t> selector_targets(LogitsOfAll logits, std::span<const std::int32_t> labels, int classes,
                                           bool hard);

/// Weights of the classifier step (PAPER): weights[k][i] = routed [i goes to k] / n + single [only k is right] / n + union [none is
/// right] / n - overlap [k and another are right] / n, each n = max(1, number of such samples in the batch).
/// `right[k][i]`: classifier k is right on sample i. `routes[i]`: the selector's choice.
std::vector<std::vector<float>> adversarial_weights(const Config::Adversarial& options, std::span<const std::vector<char>> right,
                                                    std::span<const std::int32_t> routes);

/// right[k][i]: classifier k gives sample i its label.
std::vector<std::vector<char>> right_answers(LogitsOfAll logits, std::span<const std::int32_t> labels, int classes);

struct MixtureWeights {
  double balance = 0.02, own = 0, sharpness = 1;
};

/// Loss of a mixture on a batch: mean over samples of -log(sum_k p_k exp(-s loss_k)) / s, p the softmax of the selector's logits, s the sharpness (1: the
/// mixture likelihood of Jacobs 1991; 0: its limit, the expected loss sum_k p_k loss_k), plus balance * K * sum_k (mean p_k)^2, plus own * sum over
/// k of the mean loss_k. Gradients by all logits.
double mixture_loss(const SampleLoss& loss, const BatchTargets& batch, std::span<const float> selector, LogitsOfAll logits,
                    const MixtureWeights& weights, std::span<float> selector_gradient, std::span<const std::span<float>> gradients);

}  // namespace ditmos::method
