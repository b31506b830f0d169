#include "method/committee.hpp"

#include <algorithm>
#include <cstring>

#include "core/error.hpp"

namespace ditmos::method {
namespace {

constexpr std::size_t evaluation_batch = 64;

void append(std::vector<float>& out, std::span<const float> values) { out.insert(out.end(), values.begin(), values.end()); }

}  // namespace

Committee::Committee(model::Combine combine, std::optional<nn::NetworkSpec> selector, const nn::NetworkSpec& classifier, int count, Random& init,
                     nn::Threads* threads)
    : combine_(combine), selector_(selector ? std::optional<nn::Network<float>>(std::in_place, *selector, init) : std::nullopt),
      classifiers_(classifier, count, init) {
  if (selector_) selector_->use_threads(threads);
  if (count == 1)
    classifiers_.network(0).use_threads(threads);
  else
    classifiers_.use_threads(threads);
}

Cost Committee::cost() const {
  const nn::NetworkSpec& spec = classifiers_.network(0).spec();
  if (selector_) return cost_of(selector_->spec(), spec, size());
  Cost cost = cost_of(spec);
  cost.parameters *= size();
  cost.macs *= size();
  return cost;
}

std::vector<const nn::Maps<float>*> Committee::extras_of(const nn::Network<float>& selector) const {
  const auto& blocks = classifiers_.network(0).spec().blocks;
  std::vector<const nn::Maps<float>*> extras(blocks.size(), nullptr);
  for (std::size_t b = 1; b < blocks.size(); ++b)
    if (blocks[b].extra_channels) extras[b] = &selector.map(static_cast<int>(b) - 1);
  return extras;
}

bool Committee::aggregates() const {
  const auto& blocks = classifiers_.network(0).spec().blocks;
  return std::any_of(blocks.begin(), blocks.end(), [](const nn::BlockSpec& b) { return b.extra_channels > 0; });
}

void Committee::backward_through_maps(std::span<const float> selector, std::span<const float> classifiers) {
  // The gradient of a map that block b of the classifiers reads flows into block b - 1 of the selector.
  const auto extras = extras_of(*selector_);
  map_gradients_.resize(extras.size());
  std::vector<nn::Maps<float>*> read(extras.size(), nullptr);
  std::vector<const nn::Maps<float>*> flow(selector_->spec().blocks.size(), nullptr);
  for (std::size_t e = 1; e < extras.size(); ++e) {
    if (!extras[e]) continue;
    map_gradients_[e].zero(extras[e]->samples(), extras[e]->shape());
    read[e] = &map_gradients_[e];
    flow[e - 1] = &map_gradients_[e];
  }
  classifiers_.backward_all(classifiers, read);
  selector_->backward(selector, {}, flow);
}

std::vector<std::span<const float>> logits_of(const nn::Bank<float>& bank) {
  std::vector<std::span<const float>> out;
  for (int k = 0; k < bank.size(); ++k) out.push_back(bank.network(k).logits());
  return out;
}

Predictions Committee::predict(Loader& loader, std::span<const std::uint32_t> rows, bool with_features) {
  Predictions p;
  p.combine = combine_;
  p.windows = static_cast<int>(rows.size());
  p.classes = classes();
  p.classifiers = size();
  p.logits.resize(static_cast<std::size_t>(size()));
  if (with_features) p.features.resize(p.logits.size());
  p.feature_dims = static_cast<std::size_t>(classifiers_.network(0).spec().features());
  nn::Maps<float> input;
  for (std::size_t at = 0; at < rows.size(); at += evaluation_batch) {
    loader.load(rows.subspan(at, std::min(evaluation_batch, rows.size() - at)), nullptr, input);
    std::vector<const nn::Maps<float>*> extras;
    if (selector_) {
      selector_->forward(input, nn::Mode::evaluate, nullptr);
      append(p.selector, selector_->logits());
      extras = extras_of(*selector_);
    }
    classifiers_.forward_all(input, extras, nn::Mode::evaluate, nullptr);
    for (std::size_t k = 0; k < p.logits.size(); ++k) {
      const auto& network = classifiers_.network(static_cast<int>(k));
      append(p.logits[k], network.logits());
      if (with_features) append(p.features[k], network.features());
    }
  }
  return p;
}

std::vector<std::byte> Committee::save() const {
  std::vector<std::byte> out;
  const auto add = [&](const nn::Network<float>& network) {
    const auto bytes = network.save();
    const std::uint64_t size = bytes.size();
    const auto header = std::as_bytes(std::span(&size, 1));
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  if (selector_) add(*selector_);
  for (int k = 0; k < size(); ++k) add(classifiers_.network(k));
  return out;
}

void Committee::restore(std::span<const std::byte> bytes) {
  const auto take = [&](nn::Network<float>& network) {
    std::uint64_t size = 0;
    if (bytes.size() >= sizeof size) std::memcpy(&size, bytes.data(), sizeof size);
    if (bytes.size() < sizeof size || size > bytes.size() - sizeof size) throw Error("the saved networks are of another method or configuration");
    network.restore(bytes.subspan(sizeof size, static_cast<std::size_t>(size)));
    bytes = bytes.subspan(sizeof size + static_cast<std::size_t>(size));
  };
  if (selector_) take(*selector_);
  for (int k = 0; k < size(); ++k) take(classifiers_.network(k));
}

}  // namespace ditmos::method
