#pragma once
#include <cstdint>
#include <span>

namespace ditmos::nn {

/// Softmax of each row. logits and probabilities: row-major samples x outputs (may be the same array).
template <class T>
void softmax_rows(std::span<const T> logits, int outputs, std::span<T> probabilities);

/// Index of each row's largest value (the first of equals).
template <class T>
void argmax_rows(std::span<const T> rows, int outputs, std::span<std::int32_t> indices);

/// Sum over samples of weight * cross-entropy(target, softmax(logits)), where the target is (1 - smoothing) on the label
/// and smoothing / outputs on every class (as PyTorch's label_smoothing). Writes dlogits = weight * (softmax - target).
/// `weights`: one a sample, normalisation and sign included (1/n for a mean; may be negative or 0); empty: 1/samples each.
/// `losses`, when not empty, takes each sample's cross-entropy without its weight.
template <class T>
double softmax_cross_entropy(std::span<const T> logits, int outputs, std::span<const std::int32_t> labels,
                             std::span<const T> weights, T smoothing, std::span<T> dlogits, std::span<T> losses = {});

/// As above with a whole target distribution a sample: row-major samples x outputs, rows summing to 1.
template <class T>
double softmax_cross_entropy_soft(std::span<const T> logits, int outputs, std::span<const T> targets,
                                  std::span<const T> weights, std::span<T> dlogits, std::span<T> losses = {});

}  // namespace ditmos::nn
