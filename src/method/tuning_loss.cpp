#include "method/tuning_loss.hpp"

#include <algorithm>

namespace ditmos::method {
namespace {

Config::Recipe with_teacher(Config::Recipe recipe, double smoothing) {
  recipe.distillation = 0.5;
  recipe.temperature = 2;
  recipe.distillation_form = "soft";
  recipe.label_smoothing = smoothing;
  return recipe;
}

}  // namespace

TuningLoss::TuningLoss(const Config& config, const Committee& committee)
    : mixture_(config.method == "mixture" || config.method == "moe"), hard_(config.adversarial.labels == "hard"), weights_{config.mixture.balance, config.mixture.own_last, config.mixture.sharpness},
      classifier_loss_(with_teacher(config.recipe, config.recipe.label_smoothing), committee.classes()),
      selector_loss_(with_teacher(config.recipe, 0), committee.size()) {}

double TuningLoss::operator()(const Committee& committee, const Committee& teacher, std::span<const std::int32_t> labels, Gradients& gradients) const {
  const nn::Bank<float>& bank = committee.classifiers();
  const auto count = static_cast<std::size_t>(committee.size());
  const std::size_t each = bank.network(0).logits().size();
  gradients.classifiers.resize(count * each);
  const nn::Network<float>* selector = committee.selector_or_null();
  gradients.selector.resize(selector ? selector->logits().size() : 0);
  gradients.through_maps = false;
  const BatchTargets batch{static_cast<int>(labels.size()), labels, {}};
  if (mixture_ && selector) {
    std::vector<std::span<float>> parts;
    for (std::size_t k = 0; k < count; ++k) parts.push_back(std::span(gradients.classifiers).subspan(k * each, each));
    gradients.through_maps = committee.aggregates();
    return mixture_loss(classifier_loss_, batch, selector->logits(), logits_of(bank), weights_, gradients.selector, parts);
  }
  if (selector) return routed(committee, teacher, labels, gradients);
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const int index = static_cast<int>(k);
    const BatchTargets own{batch.samples, labels, teacher.classifiers().network(index).logits()};
    sum += weighted_loss(classifier_loss_, own, bank.network(index).logits(), {}, true, std::span(gradients.classifiers).subspan(k * each, each)) /
           static_cast<double>(count);
  }
  return sum;
}

double TuningLoss::routed(const Committee& committee, const Committee& teacher, std::span<const std::int32_t> labels, Gradients& gradients) const {
  const nn::Bank<float>& bank = committee.classifiers();
  const nn::Network<float>& selector = *committee.selector_or_null();
  const auto count = static_cast<std::size_t>(committee.size()), n = labels.size();
  const std::size_t each = bank.network(0).logits().size();
  const auto targets = selector_targets(logits_of(bank), labels, committee.classes(), hard_);
  const BatchTargets choice{static_cast<int>(n), targets, teacher.selector_or_null()->logits()};
  double sum = weighted_loss(selector_loss_, choice, selector.logits(), {}, true, gradients.selector);
  std::vector<std::vector<float>> weights(count, std::vector<float>(n));
  for (std::size_t i = 0; i < n; ++i)
    weights[static_cast<std::size_t>(argmax(selector.logits().subspan(i * count, count)))][i] = 1 / static_cast<float>(n);
  for (std::size_t k = 0; k < count; ++k) {
    const int index = static_cast<int>(k);
    const BatchTargets own{static_cast<int>(n), labels, teacher.classifiers().network(index).logits()};
    sum += weighted_loss(classifier_loss_, own, bank.network(index).logits(), weights[k], false, std::span(gradients.classifiers).subspan(k * each, each));
  }
  return sum;
}

}  // namespace ditmos::method
