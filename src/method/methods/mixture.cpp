#include "method/methods/mixture.hpp"

#include <fmt/format.h>

#include <optional>

#include "method/losses.hpp"
#include "method/strong.hpp"
#include "method/supervised.hpp"

namespace ditmos::method {
namespace {

class Mixture final : public Method {
 public:
  explicit Mixture(const Setup& setup)
      : setup_(setup), config_(setup_.config), init_(Random(config_.seed).fork(1)),
        committee_(model::Combine::select, selector_spec(config_, setup.shape()), classifier_spec(config_, setup.shape(), setup.classes()),
                   config_.classifiers, init_, &setup.threads),
        loader_(setup.dataset, config_.recipe, setup.split.train), loss_(config_.recipe, setup.classes()),
        selector_optimizer_(committee_.selector(), config_.recipe) {
    for (int k = 0; k < committee_.size(); ++k) optimizers_.emplace_back(committee_.classifiers().network(k), config_.recipe);
    if (config_.recipe.distillation > 0) {
      strong_.emplace(setup_, init_);
      stages_.push_back(strong_->stage());
    }
    const double macs = static_cast<double>(committee_.selector().spec().macs()) +
                        committee_.size() * static_cast<double>(committee_.classifiers().network(0).spec().macs());
    stages_.push_back({"mixture", config_.joint.epochs, [this](int epoch, Random& random) { return train(epoch, random); },
                       [this](int epoch) { return learning_rate(config_.recipe, config_.joint, epoch); }, true,
                       macs * static_cast<double>(setup.split.train.size())});
  }

  Committee& committee() override { return committee_; }

  void save(Archive& archive) const override {
    if (strong_) strong_->save(archive);
    archive.put("selector.optimizer", selector_optimizer_.save());
    for (std::size_t k = 0; k < optimizers_.size(); ++k) archive.put(fmt::format("classifier{}.optimizer", k), optimizers_[k].save());
  }

  void restore(const Archive& archive) override {
    if (strong_) strong_->restore(archive);
    selector_optimizer_.restore(archive.get("selector.optimizer"));
    for (std::size_t k = 0; k < optimizers_.size(); ++k) optimizers_[k].restore(archive.get(fmt::format("classifier{}.optimizer", k)));
  }

 private:
  double train(int epoch, Random& random) {
    const Batches batches(setup_.split.train, config_.recipe.batch, random);
    Random augmentation = random.fork(1), dropout = random.fork(2);
    nn::Network<float>& selector = committee_.selector();
    nn::Bank<float>& bank = committee_.classifiers();
    const auto count = static_cast<std::size_t>(committee_.size());
    const Config::Mixture& m = config_.mixture;
    const double own = m.own + (m.own_last - m.own) * static_cast<double>(epoch) / config_.joint.epochs;
    Teacher* teacher = strong_ ? &strong_->teacher() : nullptr;
    double sum = 0;
    selector_optimizer_.begin_epoch();
    for (auto& o : optimizers_) o.begin_epoch();
    for (std::size_t b = 0; b < batches.size(); ++b) {
      check_interrupt();
      loader_.load(batches[b], &augmentation, input_);
      loader_.labels(batches[b], labels_);
      selector.zero_gradients();
      bank.zero_gradients();
      selector.forward(input_, nn::Mode::train, &dropout);
      const auto extras = committee_.extras_of(selector);
      bank.forward_all(input_, extras, nn::Mode::train, &dropout);

      selector_gradient_.resize(selector.logits().size());
      gradient_.resize(count * bank.network(0).logits().size());
      std::vector<std::span<float>> gradients;
      for (std::size_t k = 0; k < count; ++k) gradients.push_back(std::span(gradient_).subspan(k * gradient_.size() / count, gradient_.size() / count));
      const BatchTargets targets = targets_of(loader_, input_, labels_, teacher);
      sum += mixture_loss(loss_, targets, selector.logits(), logits_of(bank), {m.balance, own, m.sharpness}, selector_gradient_, gradients) *
             static_cast<double>(labels_.size());
      committee_.backward_through_maps(selector_gradient_, gradient_);
      const double now = learning_rate(config_.recipe, config_.joint, epoch + static_cast<double>(b) / static_cast<double>(batches.size()));
      selector_optimizer_.step(now);
      bank.for_each([&](int k) { optimizers_[static_cast<std::size_t>(k)].step(now); });
    }
    return sum / static_cast<double>(setup_.split.train.size());
  }

  const Setup setup_;
  const Config& config_;
  Random init_;
  std::optional<StrongModel> strong_;
  Committee committee_;
  Loader loader_;
  SampleLoss loss_;
  Optimizer selector_optimizer_;
  std::vector<Optimizer> optimizers_;
  nn::Maps<float> input_;
  std::vector<std::int32_t> labels_;
  std::vector<float> selector_gradient_, gradient_;
};

}  // namespace

std::unique_ptr<Method> make_mixture(const Setup& setup) { return std::make_unique<Mixture>(setup); }

std::unique_ptr<Method> make_moe(const Setup& setup) {
  Setup own = setup;
  own.config.aggregation = false;
  own.config.mixture.own = own.config.mixture.own_last = 0;
  return std::make_unique<Mixture>(own);
}

}  // namespace ditmos::method
