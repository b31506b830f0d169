#pragma once
#include <span>
#include <variant>
#include <vector>

#include "core/random.hpp"
#include "data/dataset.hpp"
#include "method/augment.hpp"
#include "method/config.hpp"
#include "nn/maps.hpp"
#include "nn/optimizer.hpp"

namespace ditmos::method {

/// Learning rate of a stage. "step": learning_rate * decay^floor(epoch / decay_every). "one-cycle" (Smith 2018, as PyTorch's OneCycleLR): cosine from
/// learning_rate/25 up over the first 30 % of the stage, then down to learning_rate/250000. `epoch` counts from 0 and may have a fraction.
double learning_rate(const Config::Recipe& recipe, const StageConfig& stage, double epoch);

/// The recipe's optimiser for one network.
class Optimizer {
 public:
  Optimizer(nn::Network<float>& network, const Config::Recipe& recipe);
  void step(double rate);
  /// At the start of an epoch: forgets momentum when the recipe says so.
  void begin_epoch();
  std::vector<std::byte> save() const;
  void restore(std::span<const std::byte> bytes);

 private:
  std::variant<nn::Sgd<float>, nn::AdamW<float>> optimizer_;
  bool fresh_;
};

/// Rows of a data set in the order of an epoch, cut into batches; the last may be smaller.
class Batches {
 public:
  Batches(std::span<const std::uint32_t> rows, int batch, Random& random);
  std::size_t size() const { return count_; }
  std::span<const std::uint32_t> operator[](std::size_t i) const;

 private:
  std::vector<std::uint32_t> order_;
  std::size_t batch_, count_;
};

/// Loads batches into the engine's layout, with the recipe's augmentation (augment.hpp) and mixing.
class Loader {
 public:
  Loader(const data::Dataset& dataset, const Config::Recipe& recipe, std::span<const std::uint32_t> train);
  /// Windows `rows`; augmented when `random` is given and the recipe asks for it. With recipe.mixup each is then mixed with another window of the batch.
  void load(std::span<const std::uint32_t> rows, Random* random, nn::Maps<float>& maps);
  /// Their labels.
  void labels(std::span<const std::uint32_t> rows, std::vector<std::int32_t>& out) const;
  /// Of the last load, when it mixed (else empty): position in the batch of each window's partner, and the share of its own, 0.5 .. 1.
  std::span<const std::uint32_t> partners() const { return partners_; }
  std::span<const float> shares() const { return shares_; }
  const data::Dataset& dataset() const { return *dataset_; }

 private:
  void mix(Random& random);

  const data::Dataset* dataset_;
  Augmentation augmentation_;
  double mixup_;
  std::vector<float> buffer_, mixed_, shares_;
  std::vector<std::uint32_t> partners_;
};

}  // namespace ditmos::method
