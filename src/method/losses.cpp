#include "method/losses.hpp"

#include <algorithm>
#include <cmath>

#include "method/evaluation.hpp"

namespace ditmos::method {
namespace {

/// softmax(logits / temperature) into `out`; returns log of the normaliser of logits / temperature.
double tempered(std::span<const float> logits, double temperature, std::span<double> out) {
  const double most = static_cast<double>(*std::max_element(logits.begin(), logits.end())) / temperature;
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) sum += out[c] = std::exp(static_cast<double>(logits[c]) / temperature - most);
  for (double& p : out) p /= sum;
  return most + std::log(sum);
}

double log_ratio(double p, double q) { return p > 0 ? p * (std::log(p) - std::log(std::max(q, 1e-300))) : 0; }

}  // namespace

SampleLoss::SampleLoss(const Config::Recipe& recipe, int classes)
    : classes_(classes), smoothing_(recipe.label_smoothing), distillation_(recipe.distillation), temperature_(recipe.temperature),
      decoupled_(recipe.distillation_form == "decoupled") {}

double SampleLoss::operator()(std::span<const float> logits, int label, std::span<const float> teacher, std::span<float> gradient, int other,
                              double share) const {
  thread_local std::vector<double> q;
  q.resize(logits.size());
  const double normaliser = tempered(logits, 1, q);
  const double distil = teacher.empty() ? 0 : distillation_;
  const double hard = 1 - distil, spread = smoothing_ / classes_;
  double loss = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    const double target = spread + (1 - smoothing_) * ((static_cast<int>(c) == label ? share : 0) + (static_cast<int>(c) == other ? 1 - share : 0));
    loss += hard * target * (normaliser - static_cast<double>(logits[c]));
    gradient[c] = static_cast<float>(hard * (q[c] - target));
  }
  if (distil > 0) {
    loss += decoupled_ ? distil_decoupled(logits, label, teacher, gradient) : distil_soft(logits, teacher, gradient);
  }
  return loss;
}

double SampleLoss::distil_soft(std::span<const float> logits, std::span<const float> teacher, std::span<float> gradient) const {
  std::vector<double> p(logits.size()), q(logits.size());
  tempered(teacher, temperature_, p);
  tempered(logits, temperature_, q);
  double divergence = 0;
  for (std::size_t c = 0; c < p.size(); ++c) {
    divergence += log_ratio(p[c], q[c]);
    gradient[c] += static_cast<float>(distillation_ * temperature_ * (q[c] - p[c]));
  }
  return distillation_ * temperature_ * temperature_ * divergence;
}

double SampleLoss::distil_decoupled(std::span<const float> logits, int label, std::span<const float> teacher, std::span<float> gradient) const {
  constexpr double beta = 4;
  const std::size_t n = logits.size(), y = static_cast<std::size_t>(label);
  std::vector<double> p(n), q(n);
  tempered(teacher, temperature_, p);
  tempered(logits, temperature_, q);
  // Target class against the rest: KL of two Bernoulli distributions.
  const double pt = p[y], qt = q[y], pr = std::max(1 - pt, 1e-12), qr = std::max(1 - qt, 1e-12);
  double divergence = log_ratio(pt, qt) + log_ratio(pr, qr);
  const double scale = distillation_ * temperature_;  // T^2 / T
  for (std::size_t c = 0; c < n; ++c) {
    const double dqt = qt * ((c == y ? 1 : 0) - q[c]);  // derivative of qt by logit c (times T)
    gradient[c] += static_cast<float>(scale * dqt * (pr / qr - pt / std::max(qt, 1e-12)));
  }
  // The other classes among themselves.
  for (std::size_t c = 0; c < n; ++c) {
    if (c == y) continue;
    const double pc = p[c] / pr, qc = q[c] / qr;
    divergence += beta * log_ratio(pc, qc);
    gradient[c] += static_cast<float>(scale * beta * (qc - pc));
  }
  return distillation_ * temperature_ * temperature_ * divergence;
}

double weighted_loss(const SampleLoss& loss, const BatchTargets& batch, std::span<const float> logits, std::span<const float> weights,
                     bool divide, std::span<float> gradient) {
  const auto classes = static_cast<std::size_t>(loss.classes()), n = static_cast<std::size_t>(batch.samples);
  const double scale = divide ? 1.0 / static_cast<double>(std::max<std::size_t>(n, 1)) : 1.0;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double weight = scale * (weights.empty() ? 1.0 : static_cast<double>(weights[i]));
    const auto row = gradient.subspan(i * classes, classes);
    if (weight == 0) {
      std::fill(row.begin(), row.end(), 0.0f);
      continue;
    }
    const auto teacher = batch.teacher.empty() ? batch.teacher : batch.teacher.subspan(i * classes, classes);
    sum += weight * loss(logits.subspan(i * classes, classes), batch.labels[i], teacher, row, batch.other(i), batch.share(i));
    for (float& g : row) g = static_cast<float>(static_cast<double>(g) * weight);
  }
  return sum;
}

std::vector<std::int32_t> selector_targets(LogitsOfAll logits, std::span<const std::int32_t> labels, int classes,
                                           bool hard) {
  const auto width = static_cast<std::size_t>(classes);
  std::vector<std::int32_t> targets(labels.size());
  std::vector<double> q(width);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    double best = -2;
    for (std::size_t k = 0; k < logits.size(); ++k) {
      softmax(logits[k].subspan(i * width, width), q);
      const auto most = std::max_element(q.begin(), q.end());
      const bool right = most - q.begin() == labels[i];
      const double value = right ? (hard ? 1.0 : *most) : -*most;
      if (value > best) {
        best = value;
        targets[i] = static_cast<std::int32_t>(k);
      }
    }
  }
  return targets;
}

std::vector<std::vector<float>> adversarial_weights(const Config::Adversarial& options, std::span<const std::vector<char>> right,
                                                    std::span<const std::int32_t> routes) {
  const std::size_t classifiers = right.size(), n = routes.size();
  std::vector<int> rights(n);
  for (const auto& r : right)
    for (std::size_t i = 0; i < n; ++i) rights[i] += r[i] != 0;
  const auto none = static_cast<double>(std::count(rights.begin(), rights.end(), 0));
  std::vector<std::vector<float>> weights(classifiers, std::vector<float>(n));
  for (std::size_t k = 0; k < classifiers; ++k) {
    double routed = 0, alone = 0, shared = 0;
    for (std::size_t i = 0; i < n; ++i) {
      routed += routes[i] == static_cast<std::int32_t>(k);
      alone += right[k][i] && rights[i] == 1;
      shared += right[k][i] && rights[i] > 1;
    }
    for (std::size_t i = 0; i < n; ++i) {
      double w = 0;
      if (routes[i] == static_cast<std::int32_t>(k)) w += options.routed / std::max(1.0, routed);
      if (right[k][i] && rights[i] == 1) w += options.single / std::max(1.0, alone);
      if (rights[i] == 0) w += options.union_ / std::max(1.0, none);
      if (right[k][i] && rights[i] > 1) w -= options.overlap / std::max(1.0, shared);
      weights[k][i] = static_cast<float>(w);
    }
  }
  return weights;
}

std::vector<std::vector<char>> right_answers(LogitsOfAll logits, std::span<const std::int32_t> labels, int classes) {
  const auto width = static_cast<std::size_t>(classes);
  std::vector<std::vector<char>> right(logits.size(), std::vector<char>(labels.size()));
  for (std::size_t k = 0; k < logits.size(); ++k)
    for (std::size_t i = 0; i < labels.size(); ++i) right[k][i] = argmax(logits[k].subspan(i * width, width)) == labels[i];
  return right;
}

double mixture_loss(const SampleLoss& loss, const BatchTargets& batch, std::span<const float> selector, LogitsOfAll logits,
                    const MixtureWeights& weights, std::span<float> selector_gradient, std::span<const std::span<float>> gradients) {
  const std::size_t count = logits.size(), n = static_cast<std::size_t>(batch.samples);
  const auto classes = static_cast<std::size_t>(loss.classes());
  const double share = 1.0 / static_cast<double>(std::max<std::size_t>(n, 1)), balance = weights.balance, own = weights.own, sharpness = weights.sharpness;
  std::vector<double> p(n * count), mean(count), losses(count);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = std::span(p).subspan(i * count, count);
    softmax(selector.subspan(i * count, count), row);
    for (std::size_t k = 0; k < count; ++k) mean[k] += share * row[k];
  }
  double total = 0;
  for (const double m : mean) total += balance * static_cast<double>(count) * m * m;
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = std::span(p).subspan(i * count, count);
    const auto teacher = batch.teacher.empty() ? batch.teacher : batch.teacher.subspan(i * classes, classes);
    for (std::size_t k = 0; k < count; ++k)
      losses[k] = loss(logits[k].subspan(i * classes, classes), batch.labels[i], teacher,
                       gradients[k].subspan(i * classes, classes), batch.other(i), batch.share(i));
    const double least = *std::min_element(losses.begin(), losses.end());
    double likelihood = 0, expected = 0;
    for (std::size_t k = 0; k < count; ++k) {
      likelihood += row[k] * std::exp(sharpness * (least - losses[k]));
      expected += row[k] * losses[k];
    }
    likelihood = std::max(likelihood, 1e-300);
    total += share * (sharpness > 0 ? least - std::log(likelihood) / sharpness : expected);
    double mean_slope = 0;  // sum_j p_j * d(balance term)/d(mean_j), for the softmax's derivative
    for (std::size_t k = 0; k < count; ++k) mean_slope += row[k] * 2 * balance * static_cast<double>(count) * mean[k];
    for (std::size_t k = 0; k < count; ++k) {
      const double responsibility = row[k] * std::exp(sharpness * (least - losses[k])) / likelihood;
      const double pull = sharpness > 0 ? (row[k] - responsibility) / sharpness : row[k] * (losses[k] - expected);
      total += share * own * losses[k];
      const double slope = 2 * balance * static_cast<double>(count) * mean[k];
      selector_gradient[i * count + k] = static_cast<float>(share * (pull + row[k] * (slope - mean_slope)));
      for (float& g : gradients[k].subspan(i * classes, classes))
        g = static_cast<float>(static_cast<double>(g) * share * (responsibility + own));
    }
  }
  return total;
}

}  // namespace ditmos::method
