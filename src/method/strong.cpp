#include "method/strong.hpp"

#include <algorithm>

namespace ditmos::method {
namespace {

nn::NetworkSpec strong_spec(const Setup& setup) {
  return make_spec(setup.config.strong, "strong", setup.shape(), setup.classes(), setup.config.dropout);
}

Config::Recipe without_teacher(Config::Recipe recipe) {
  recipe.distillation = 0;
  return recipe;
}

constexpr std::size_t batch = 64;

}  // namespace

StrongModel::StrongModel(const Setup& setup, Random& init)
    : setup_(setup), network_(strong_spec(setup), init), optimizer_(network_, setup.config.recipe),
      loader_(setup.dataset, setup.config.recipe, setup.split.train), loss_(without_teacher(setup.config.recipe), setup.classes()) {
  network_.use_threads(&setup.threads);
}

Stage StrongModel::stage() {
  const Config& config = setup_.config;
  Stage stage;
  stage.name = "strong model";
  stage.epochs = config.strong_stage.epochs;
  stage.cost = static_cast<double>(network_.spec().macs()) * static_cast<double>(setup_.split.train.size());
  stage.rate = [this](int epoch) { return learning_rate(setup_.config.recipe, setup_.config.strong_stage, epoch); };
  stage.train = [this](int epoch, Random& random) {
    const Config& c = setup_.config;
    return train_supervised({network_, optimizer_, loader_, loss_, setup_.split.train, nullptr, nullptr, c.recipe.batch,
                             [&](double share) { return learning_rate(c.recipe, c.strong_stage, epoch + share); }},
                            random);
  };
  return stage;
}

std::vector<float> StrongModel::features(std::span<const std::uint32_t> rows, std::size_t& dims) {
  dims = static_cast<std::size_t>(network_.spec().features());
  std::vector<float> out;
  out.reserve(rows.size() * dims);
  nn::Maps<float> input;
  for (std::size_t at = 0; at < rows.size(); at += batch) {
    loader_.load(rows.subspan(at, std::min(batch, rows.size() - at)), nullptr, input);
    network_.forward(input, nn::Mode::evaluate, nullptr);
    out.insert(out.end(), network_.features().begin(), network_.features().end());
  }
  return out;
}

nn::Network<float> StrongModel::copy() const {
  Random unused(0);
  nn::Network<float> network(network_.spec(), unused);
  network.restore(network_.save());
  return network;
}

void StrongModel::save(Archive& archive) const {
  archive.put("strong.network", network_.save());
  archive.put("strong.optimizer", optimizer_.save());
}

void StrongModel::restore(const Archive& archive) {
  network_.restore(archive.get("strong.network"));
  optimizer_.restore(archive.get("strong.optimizer"));
}

}  // namespace ditmos::method
