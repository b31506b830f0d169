#include "method/methods/independent.hpp"

#include <fmt/format.h>

#include <optional>

#include "method/strong.hpp"
#include "method/supervised.hpp"

namespace ditmos::method {
namespace {

class Independent final : public Method {
 public:
  Independent(const Setup& setup, const nn::NetworkSpec& spec, int count, const StageConfig& stage)
      : setup_(setup), config_(setup_.config), stage_(stage), init_(Random(config_.seed).fork(1)),
        committee_(count == 1 ? model::Combine::single : model::Combine::average, std::nullopt, spec, count, init_, &setup.threads),
        loss_(config_.recipe, setup.classes()) {
    for (int k = 0; k < count; ++k) optimizers_.emplace_back(committee_.classifiers().network(k), config_.recipe);
    if (config_.recipe.distillation > 0) {
      strong_.emplace(setup_, init_);
      stages_.push_back(strong_->stage());
    }
    stages_.push_back({config_.method, stage_.epochs, [this](int epoch, Random& random) { return train(epoch, random); },
                       [this](int epoch) { return learning_rate(config_.recipe, stage_, epoch); }, true,
                       count * static_cast<double>(spec.macs()) * static_cast<double>(setup.split.train.size())});
  }

  Committee& committee() override { return committee_; }

  void save(Archive& archive) const override {
    if (strong_) strong_->save(archive);
    for (std::size_t k = 0; k < optimizers_.size(); ++k) archive.put(fmt::format("network{}.optimizer", k), optimizers_[k].save());
  }

  void restore(const Archive& archive) override {
    if (strong_) strong_->restore(archive);
    for (std::size_t k = 0; k < optimizers_.size(); ++k) optimizers_[k].restore(archive.get(fmt::format("network{}.optimizer", k)));
  }

 private:
  double train(int epoch, Random& random) {
    const auto one = [&](int k, Teacher* teacher, bool quietly) {
      Random own = random.fork(100 + static_cast<std::uint64_t>(k));
      Loader loader(setup_.dataset, config_.recipe, setup_.split.train);
      return train_supervised({committee_.classifiers().network(k), optimizers_[static_cast<std::size_t>(k)], loader, loss_, setup_.split.train, teacher,
                               nullptr, config_.recipe.batch,
                               [&](double share) { return learning_rate(config_.recipe, stage_, epoch + share); }},
                              own, quietly);
    };
    const int count = committee_.size();
    if (count == 1) return one(0, strong_ ? &strong_->teacher() : nullptr, false);
    std::vector<double> losses(static_cast<std::size_t>(count));
    const auto task = [&](int k) {
      std::optional<Teacher> teacher;
      if (strong_) teacher.emplace(strong_->teacher().copy());
      losses[static_cast<std::size_t>(k)] = one(k, teacher ? &*teacher : nullptr, true);
    };
    nn::parallel_for(&setup_.threads, count, task);
    check_interrupt();
    double sum = 0;
    for (const double loss : losses) sum += loss / count;
    return sum;
  }

  const Setup setup_;
  const Config& config_;
  StageConfig stage_;
  Random init_;
  std::optional<StrongModel> strong_;
  Committee committee_;
  SampleLoss loss_;
  std::vector<Optimizer> optimizers_;
};

}  // namespace

std::unique_ptr<Method> make_single(const Setup& setup) {
  const Config& c = setup.config;
  return std::make_unique<Independent>(setup, make_spec(c.single, "single", setup.shape(), setup.classes(), c.dropout), 1, c.joint);
}

std::unique_ptr<Method> make_single_kd(const Setup& setup) {
  Setup own = setup;
  if (own.config.recipe.distillation == 0) own.config.recipe.distillation = 0.5;
  return make_single(own);
}

std::unique_ptr<Method> make_ensemble(const Setup& setup) {
  Config c = setup.config;
  c.aggregation = false;
  return std::make_unique<Independent>(setup, classifier_spec(c, setup.shape(), setup.classes()), c.members, c.joint);
}

std::unique_ptr<Method> make_strong(const Setup& setup) {
  Setup own = setup;
  own.config.recipe.distillation = 0;
  const Config& c = own.config;
  return std::make_unique<Independent>(own, make_spec(c.strong, "strong", own.shape(), own.classes(), c.dropout), 1, c.strong_stage);
}

}  // namespace ditmos::method
