#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "model/bundle.hpp"

namespace ditmos::method {

/// What the networks of a method say about n windows.
struct Predictions {
  model::Combine combine = model::Combine::single;
  int windows = 0, classes = 0, classifiers = 1;
  std::vector<float> selector;               ///< (windows, classifiers) logits; only with Combine::select
  std::vector<std::vector<float>> logits;    ///< one a classifier: (windows, classes)
  std::vector<std::vector<float>> features;  ///< one a classifier: (windows, dims), flattened convolution features; may be empty
  std::size_t feature_dims = 0;

  /// Argmax of the selector's logits for a window; 0 where there is no selector.
  int choice(int window) const;
  /// Class that classifier k gives to a window.
  int answer(int classifier, int window) const;
  /// Class that the whole gives to a window: the chosen classifier's, or the argmax of the averaged softmax.
  int label(int window) const;
};

/// Index of the largest value; the first of equal ones.
int argmax(std::span<const float> values);
/// Stable softmax of `logits` into `out`, both of the same size.
void softmax(std::span<const float> logits, std::span<double> out);

struct ClassifierMetrics {
  double accuracy = 0;  ///< on all windows
  double traffic = 0;   ///< share of the windows that it answers
};

/// Metrics of one part of a split; shares are 0 .. 1.
struct Metrics {
  int windows = 0;
  double accuracy = 0;
  double macro_accuracy = 0;     ///< mean over the classes that occur of their own accuracy
  double union_accuracy = 0;     ///< windows that at least one classifier gets right
  double selector_accuracy = 0;  ///< of those, the share where the choice is right
  double loss = 0;               ///< mean negative log probability of the true class
  std::vector<ClassifierMetrics> classifiers;
  std::vector<std::int64_t> overlap;                 ///< [k]: windows that exactly k classifiers get right
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true][said]
  std::vector<std::vector<double>> cka;              ///< between classifiers; empty without features
};

/// `labels`: the true class of each window. CKA only when `with_cka` is set and features are there.
Metrics measure(const Predictions& predictions, std::span<const std::int32_t> labels, bool with_cka = true);

/// As evaluation.json has it under "parts".
Json to_json(const Metrics& metrics);

/// Accuracy and macro accuracy of 1-nearest-neighbour with Euclidean distance on raw windows of `dims` values:
/// predicted class of each query.
std::vector<std::int32_t> nearest_neighbour(std::span<const float> known, std::span<const std::int32_t> known_labels,
                                            std::span<const float> queries, std::size_t dims, int threads);

/// Share right, and mean of the classes' shares.
struct Accuracy {
  double accuracy = 0, macro_accuracy = 0;
};
Accuracy accuracy_of(std::span<const std::int32_t> said, std::span<const std::int32_t> labels, int classes);

}  // namespace ditmos::method
