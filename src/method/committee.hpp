#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "method/evaluation.hpp"
#include "method/recipe.hpp"
#include "method/specs.hpp"
#include "nn/bank.hpp"

namespace ditmos::method {

/// The networks that make one answer together, and how: what every method trains and delivers. One classifier (single), several of one
/// spec whose softmax outputs are averaged (average), or a selector that picks one (select); with feature aggregation the
/// classifiers also read the selector's maps.
class Committee {
 public:
  /// select: needs `selector`; its outputs are the number of classifiers.
  Committee(model::Combine combine, std::optional<nn::NetworkSpec> selector, const nn::NetworkSpec& classifier, int count, Random& init,
            nn::Threads* threads);

  model::Combine combine() const { return combine_; }
  int size() const { return classifiers_.size(); }
  int classes() const { return classifiers_.network(0).spec().outputs; }
  nn::Network<float>& selector() { return *selector_; }
  bool has_selector() const { return selector_.has_value(); }
  nn::Bank<float>& classifiers() { return classifiers_; }
  const nn::Network<float>* selector_or_null() const { return selector_ ? &*selector_ : nullptr; }
  const nn::Bank<float>& classifiers() const { return classifiers_; }
  Cost cost() const;

  /// The selector's maps where the classifiers read them, one entry a block, null elsewhere; of the selector's last forward.
  std::vector<const nn::Maps<float>*> extras_of(const nn::Network<float>& selector) const;
  /// True when any block reads a map of the selector.
  bool aggregates() const;

  /// Gradients of all networks of their last forward; those of the maps that classifiers read flow into the selector. `classifiers`: as
  /// Bank::backward_all. Needs a selector.
  void backward_through_maps(std::span<const float> selector, std::span<const float> classifiers);

  /// Evaluate mode, in batches, without augmentation.
  Predictions predict(Loader& loader, std::span<const std::uint32_t> rows, bool with_features);

  /// Parameters and running statistics of all networks.
  std::vector<std::byte> save() const;
  void restore(std::span<const std::byte> bytes);

 private:
  model::Combine combine_;
  std::optional<nn::Network<float>> selector_;
  nn::Bank<float> classifiers_;
  std::vector<nn::Maps<float>> map_gradients_;
};

/// Logits of all classifiers of the last forward_all.
std::vector<std::span<const float>> logits_of(const nn::Bank<float>& bank);

}  // namespace ditmos::method
