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
    : dataset_(&dataset), gain_(recipe.gain), noise_(0), shift_(recipe.shift) {
  if (recipe.noise <= 0 || train.empty()) return;
  double sum = 0, squares = 0;
  for (const std::uint32_t row : train)
    for (const float v : dataset.window(row)) {
      sum += static_cast<double>(v);
      squares += static_cast<double>(v) * static_cast<double>(v);
    }
  const double n = static_cast<double>(train.size() * dataset.window_size());
  noise_ = recipe.noise * std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

void Loader::load(std::span<const std::uint32_t> rows, Random* random, nn::Maps<float>& maps) {
  const nn::Shape shape = input_shape(*dataset_);
  if (!random || (gain_ <= 0 && noise_ <= 0 && shift_ == 0)) {
    maps.gather(dataset_->x, shape, rows);
    return;
  }
  const std::size_t size = dataset_->window_size();
  buffer_.resize(rows.size() * size);
  for (std::size_t i = 0; i < rows.size(); ++i) augment(dataset_->window(rows[i]), *random, buffer_.data() + i * size);
  maps.from_rows(buffer_, static_cast<int>(rows.size()), shape);
}

void Loader::augment(std::span<const float> window, Random& random, float* out) const {
  const int width = dataset_->width, height = dataset_->height;
  const auto draw_shift = [&](int length) {
    const int most = std::min(shift_, length - 1);
    return most > 0 ? static_cast<int>(random.below(static_cast<std::uint64_t>(2 * most + 1))) - most : 0;
  };
  const int across = draw_shift(width), down = height > 1 ? draw_shift(height) : 0;
  const auto factor = static_cast<float>(gain_ > 0 ? 1 + gain_ * random.normal() : 1.0);
  for (int c = 0; c < dataset_->channels; ++c)
    for (int h = 0; h < height; ++h) {
      const int from = c * height + std::clamp(h + down, 0, height - 1);
      const float* line = window.data() + static_cast<std::ptrdiff_t>(from) * width;
      for (int w = 0; w < width; ++w) *out++ = factor * line[std::clamp(w + across, 0, width - 1)];
    }
  if (noise_ > 0)
    for (float* v = out - window.size(); v != out; ++v) *v += static_cast<float>(noise_ * random.normal());
}

void Loader::labels(std::span<const std::uint32_t> rows, std::vector<std::int32_t>& out) const {
  out.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = dataset_->y[rows[i]];
}

}  // namespace ditmos::method
