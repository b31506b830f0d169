#include "method/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "method/specs.hpp"

namespace ditmos::method {
namespace {

double cosine(double from, double to, double share) { return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * share)); }

std::variant<nn::Sgd<float>, nn::AdamW<float>> make_optimizer(nn::Network<float>& network, const Config::Recipe& recipe) {
  if (recipe.optimizer == "adamw") {
    nn::AdamWOptions options;
    options.weight_decay = recipe.weight_decay;
    return nn::AdamW<float>(network.parameters(), options);
  }
  nn::SgdOptions options;
  options.momentum = recipe.momentum;
  options.nesterov = recipe.momentum > 0;
  options.weight_decay = recipe.weight_decay;
  return nn::Sgd<float>(network.parameters(), options);
}

}  // namespace

double learning_rate(const Config::Recipe& recipe, const StageConfig& stage, double epoch) {
  if (recipe.schedule == "step") return stage.learning_rate * std::pow(stage.decay, std::floor(std::floor(epoch) / stage.decay_every));
  constexpr double rise = 0.3, start = 1.0 / 25, end = 1.0 / 250000;
  const double share = std::clamp(epoch / std::max(stage.epochs, 1), 0.0, 1.0);
  const double factor = share < rise ? cosine(start, 1, share / rise) : cosine(1, end, (share - rise) / (1 - rise));
  return stage.learning_rate * factor;
}

Optimizer::Optimizer(nn::Network<float>& network, const Config::Recipe& recipe)
    : optimizer_(make_optimizer(network, recipe)), fresh_(recipe.fresh_optimizer) {}

void Optimizer::step(double rate) {
  std::visit([&](auto& o) { o.step(rate); }, optimizer_);
}

void Optimizer::begin_epoch() {
  if (fresh_) std::visit([](auto& o) { o.reset(); }, optimizer_);
}

std::vector<std::byte> Optimizer::save() const {
  return std::visit([](const auto& o) { return o.save(); }, optimizer_);
}

void Optimizer::restore(std::span<const std::byte> bytes) {
  std::visit([&](auto& o) { o.restore(bytes); }, optimizer_);
}

Batches::Batches(std::span<const std::uint32_t> rows, int batch, Random& random)
    : order_(rows.begin(), rows.end()), batch_(static_cast<std::size_t>(batch)), count_((order_.size() + batch_ - 1) / batch_) {
  random.shuffle(order_);
}

std::span<const std::uint32_t> Batches::operator[](std::size_t i) const {
  return std::span(order_).subspan(i * batch_, std::min(batch_, order_.size() - i * batch_));
}

Loader::Loader(const data::Dataset& dataset, const Config::Recipe& recipe, std::span<const std::uint32_t> train)
    : dataset_(&dataset), augmentation_(dataset, recipe, train), mixup_(recipe.mixup) {}

void Loader::load(std::span<const std::uint32_t> rows, Random* random, nn::Maps<float>& maps) {
  const nn::Shape shape = input_shape(*dataset_);
  partners_.clear();
  shares_.clear();
  if (dataset_->x.size() * sizeof(float) >= kDiskVectorBytes)
    for (const std::uint32_t row : rows) fetch_pages(dataset_->window(row).data(), dataset_->window_size() * sizeof(float));
  if (!random || (augmentation_.does_nothing() && mixup_ <= 0)) {
    maps.gather(dataset_->x, shape, rows);
    return;
  }
  const std::size_t size = dataset_->window_size();
  buffer_.resize(rows.size() * size);
  for (std::size_t i = 0; i < rows.size(); ++i) augmentation_.apply(dataset_->window(rows[i]), *random, buffer_.data() + i * size);
  if (mixup_ > 0) {
    for (std::size_t i = 0; i < rows.size(); ++i) partners_.push_back(static_cast<std::uint32_t>(i));
    mix(*random);
  }
  maps.from_rows(mixup_ > 0 ? mixed_ : buffer_, static_cast<int>(rows.size()), shape);
}

void Loader::mix(Random& random) {
  random.shuffle(partners_);
  const std::size_t size = dataset_->window_size();
  mixed_.resize(buffer_.size());
  for (std::size_t i = 0; i < partners_.size(); ++i) {
    const auto share = static_cast<float>(mixing_share(mixup_, random));
    shares_.push_back(share);
    const float *own = buffer_.data() + i * size, *other = buffer_.data() + partners_[i] * size;
    for (std::size_t v = 0; v < size; ++v) mixed_[i * size + v] = other[v] + share * (own[v] - other[v]);
  }
}

void Loader::labels(std::span<const std::uint32_t> rows, std::vector<std::int32_t>& out) const {
  out.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = dataset_->y[rows[i]];
}

}  // namespace ditmos::method
