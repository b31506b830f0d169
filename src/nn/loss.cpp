#include "nn/loss.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace ditmos::nn {
namespace {

std::size_t count_rows(std::size_t values, int outputs) {
  if (outputs < 1 || values % static_cast<std::size_t>(outputs) != 0)
    throw Error(std::to_string(values) + " values are not rows of " + std::to_string(outputs));
  return values / static_cast<std::size_t>(outputs);
}

void expect_size(std::size_t size, std::size_t expected, const char* what) {
  if (size != expected)
    throw Error(std::string(what) + " hold " + std::to_string(size) + " values, expected " + std::to_string(expected));
}

/// exp(x - max) into `row`; returns log of its sum plus max, and scales row to sum 1.
template <class T>
T softmax_row(const T* logits, std::size_t n, T* row) {
  const T largest = *std::max_element(logits, logits + n);
  T sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += row[i] = std::exp(logits[i] - largest);
  const T scale = T(1) / sum;
  for (std::size_t i = 0; i < n; ++i) row[i] *= scale;
  return largest + std::log(sum);
}

/// The loss of both forms; target(sample, class) is the distribution.
template <class T, class Target>
double cross_entropy(std::span<const T> logits, int outputs, std::span<const T> weights, std::span<T> dlogits,
                     std::span<T> losses, Target target) {
  const std::size_t n = static_cast<std::size_t>(outputs);
  const std::size_t samples = count_rows(logits.size(), outputs);
  expect_size(dlogits.size(), logits.size(), "logit gradients");
  if (!weights.empty()) expect_size(weights.size(), samples, "sample weights");
  if (!losses.empty()) expect_size(losses.size(), samples, "losses");
  double total = 0;
  for (std::size_t s = 0; s < samples; ++s) {
    const T* z = logits.data() + s * n;
    T* d = dlogits.data() + s * n;
    const T weight = weights.empty() ? T(1) / static_cast<T>(samples) : weights[s];
    const T log_sum = softmax_row(z, n, d);
    T loss = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const T t = target(s, i);
      if (t != T(0)) loss += t * (log_sum - z[i]);
      d[i] = weight * (d[i] - t);
    }
    if (!losses.empty()) losses[s] = loss;
    total += static_cast<double>(weight) * static_cast<double>(loss);
  }
  return total;
}

}  // namespace

template <class T>
void softmax_rows(std::span<const T> logits, int outputs, std::span<T> probabilities) {
  expect_size(probabilities.size(), logits.size(), "probabilities");
  const std::size_t n = static_cast<std::size_t>(outputs);
  for (std::size_t s = 0; s < count_rows(logits.size(), outputs); ++s)
    softmax_row(logits.data() + s * n, n, probabilities.data() + s * n);
}

template <class T>
void argmax_rows(std::span<const T> rows, int outputs, std::span<std::int32_t> indices) {
  const std::size_t samples = count_rows(rows.size(), outputs);
  expect_size(indices.size(), samples, "indices");
  for (std::size_t s = 0; s < samples; ++s) {
    const T* row = rows.data() + s * static_cast<std::size_t>(outputs);
    indices[s] = static_cast<std::int32_t>(std::max_element(row, row + outputs) - row);
  }
}

template <class T>
double softmax_cross_entropy(std::span<const T> logits, int outputs, std::span<const std::int32_t> labels,
                             std::span<const T> weights, T smoothing, std::span<T> dlogits, std::span<T> losses) {
  expect_size(labels.size(), count_rows(logits.size(), outputs), "labels");
  for (const std::int32_t label : labels)
    if (label < 0 || label >= outputs)
      throw Error("label " + std::to_string(label) + " is outside 0 .. " + std::to_string(outputs - 1));
  const T rest = smoothing / static_cast<T>(outputs);
  return cross_entropy(logits, outputs, weights, dlogits, losses, [&](std::size_t s, std::size_t i) {
    return rest + (static_cast<std::size_t>(labels[s]) == i ? T(1) - smoothing : T(0));
  });
}

template <class T>
double softmax_cross_entropy_soft(std::span<const T> logits, int outputs, std::span<const T> targets,
                                  std::span<const T> weights, std::span<T> dlogits, std::span<T> losses) {
  expect_size(targets.size(), logits.size(), "targets");
  return cross_entropy(logits, outputs, weights, dlogits, losses, [&](std::size_t s, std::size_t i) {
    return targets[s * static_cast<std::size_t>(outputs) + i];
  });
}

#define DITMOS_INSTANTIATE(T)                                                                                        \
  template void softmax_rows<T>(std::span<const T>, int, std::span<T>);                                              \
  template void argmax_rows<T>(std::span<const T>, int, std::span<std::int32_t>);                                    \
  template double softmax_cross_entropy<T>(std::span<const T>, int, std::span<const std::int32_t>, std::span<const T>, \
                                           T, std::span<T>, std::span<T>);                                           \
  template double softmax_cross_entropy_soft<T>(std::span<const T>, int, std::span<const T>, std::span<const T>,     \
                                                std::span<T>, std::span<T>);
DITMOS_INSTANTIATE(float)
DITMOS_INSTANTIATE(double)
#undef DITMOS_INSTANTIATE

}  // namespace ditmos::nn
