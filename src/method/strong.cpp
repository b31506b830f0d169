#include "method/strong.hpp"

#include <fmt/format.h>

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
    : setup_(setup), teacher_(strong_spec(setup), setup.config.recipe.distillation > 0 ? setup.config.teachers : 1, init),
      loader_(setup.dataset, setup.config.recipe, setup.split.train), loss_(without_teacher(setup.config.recipe), setup.classes()) {
  for (int k = 0; k < teacher_.size(); ++k) {
    teacher_.member(k).use_threads(&setup.threads);
    optimizers_.emplace_back(teacher_.member(k), setup.config.recipe);
  }
}

Stage StrongModel::stage() {
  const Config& config = setup_.config;
  Stage stage;
  stage.name = "strong model";
  stage.epochs = config.strong_stage.epochs;
  stage.cost = teacher_.size() * static_cast<double>(teacher_.member(0).spec().macs()) * static_cast<double>(setup_.split.train.size());
  stage.rate = [this](int epoch) { return learning_rate(setup_.config.recipe, setup_.config.strong_stage, epoch); };
  stage.train = [this](int epoch, Random& random) {
    const Config& c = setup_.config;
    double sum = 0;
    for (int k = 0; k < teacher_.size(); ++k) {
      Random own = k == 0 ? random : random.fork(100 + static_cast<std::uint64_t>(k));
      sum += train_supervised({teacher_.member(k), optimizers_[static_cast<std::size_t>(k)], loader_, loss_, setup_.split.train, nullptr, nullptr, c.recipe.batch,
                               [&](double share) { return learning_rate(c.recipe, c.strong_stage, epoch + share); }},
                              own);
    }
    return sum / teacher_.size();
  };
  return stage;
}

std::vector<float> StrongModel::features(std::span<const std::uint32_t> rows, std::size_t& dims) {
  nn::Network<float>& network = teacher_.member(0);
  dims = static_cast<std::size_t>(network.spec().features());
  std::vector<float> out;
  out.reserve(rows.size() * dims);
  nn::Maps<float> input;
  for (std::size_t at = 0; at < rows.size(); at += batch) {
    loader_.load(rows.subspan(at, std::min(batch, rows.size() - at)), nullptr, input);
    network.forward(input, nn::Mode::evaluate, nullptr);
    out.insert(out.end(), network.features().begin(), network.features().end());
  }
  return out;
}

void StrongModel::save(Archive& archive) const {
  for (int k = 0; k < teacher_.size(); ++k) {
    archive.put(fmt::format("strong{}.network", k), teacher_.member(k).save());
    archive.put(fmt::format("strong{}.optimizer", k), optimizers_[static_cast<std::size_t>(k)].save());
  }
}

void StrongModel::restore(const Archive& archive) {
  for (int k = 0; k < teacher_.size(); ++k) {
    teacher_.member(k).restore(archive.get(fmt::format("strong{}.network", k)));
    optimizers_[static_cast<std::size_t>(k)].restore(archive.get(fmt::format("strong{}.optimizer", k)));
  }
}

}  // namespace ditmos::method
