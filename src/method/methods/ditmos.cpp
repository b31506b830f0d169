#include "method/methods/ditmos.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>
#include <optional>

#include "method/losses.hpp"
#include "method/splitting.hpp"

namespace ditmos::method {
namespace {

/// The paper's method: splitting, pre-training, adversarial training (PAPER, training).
class Ditmos final : public Method {
 public:
  explicit Ditmos(const Setup& setup)
      : setup_(setup), config_(setup_.config), init_(Random(config_.seed).fork(1)), strong_(setup_, init_),
        committee_(model::Combine::select, selector_spec(config_, setup.shape()), classifier_spec(config_, setup.shape(), setup.classes()),
                   config_.classifiers, init_, &setup.threads),
        loader_(setup.dataset, config_.recipe, setup.split.train), loss_(config_.recipe, setup.classes()),
        selector_optimizer_(committee_.selector(), config_.recipe), subsets_(static_cast<std::size_t>(config_.classifiers)) {
    for (int k = 0; k < committee_.size(); ++k) optimizers_.emplace_back(committee_.classifiers().network(k), config_.recipe);
    if (config_.splitting.kind == "kmeans" || config_.recipe.distillation > 0) stages_.push_back(strong_.stage());
    add_stages();
  }

  Committee& committee() override { return committee_; }

  void save(Archive& archive) const override {
    strong_.save(archive);
    archive.put("selector.optimizer", selector_optimizer_.save());
    for (std::size_t k = 0; k < optimizers_.size(); ++k) {
      archive.put(fmt::format("classifier{}.optimizer", k), optimizers_[k].save());
      archive.put_values(fmt::format("classifier{}.subset", k), std::span<const std::uint32_t>(subsets_[k]));
    }
  }

  void restore(const Archive& archive) override {
    strong_.restore(archive);
    selector_optimizer_.restore(archive.get("selector.optimizer"));
    for (std::size_t k = 0; k < optimizers_.size(); ++k) {
      optimizers_[k].restore(archive.get(fmt::format("classifier{}.optimizer", k)));
      subsets_[k] = archive.get_values<std::uint32_t>(fmt::format("classifier{}.subset", k));
    }
  }

  Json notes() const override {
    Json sizes = Json::array();
    for (const auto& s : subsets_) sizes.push_back(s.size());
    return {{"subset_sizes", sizes}};
  }

 private:
  void add_stages() {
    const double selector_macs = static_cast<double>(committee_.selector().spec().macs());
    const double classifier_macs = static_cast<double>(committee_.classifiers().network(0).spec().macs());
    const double n = static_cast<double>(setup_.split.train.size()), count = committee_.size();
    const auto& a = config_.adversarial;
    const bool masks = a.masks == "evaluate";
    Stage classifiers{"classifiers, each its subset", config_.classifier_stage.epochs,
                      [this](int epoch, Random& random) { return pretrain_classifiers(epoch, random); },
                      [this](int epoch) { return learning_rate(config_.recipe, config_.classifier_stage, epoch); }, false,
                      n * (classifier_macs + selector_macs / 3)};
    const double selector_cost = n * (selector_macs * 4 / 3 + count * classifier_macs / 3);
    Stage selector{"selector", config_.selector_stage.epochs,
                   [this](int epoch, Random& random) {
                     return train_selector([&](double share) { return learning_rate(config_.recipe, config_.selector_stage, epoch + share); }, random);
                   },
                   [this](int epoch) { return learning_rate(config_.recipe, config_.selector_stage, epoch); }, true, selector_cost};
    const int per_iteration = a.selector_epochs + a.classifier_epochs;
    const double classifier_cost = n * (selector_macs / 3 + count * classifier_macs * (masks ? 4.0 / 3 : 1));
    Stage adversarial{"adversarial", a.iterations * per_iteration,
                      [this](int epoch, Random& random) { return adversarial_epoch(epoch, random); },
                      [this](int epoch) { return adversarial_rate(epoch, 0); }, true,
                      (a.selector_epochs * selector_cost + a.classifier_epochs * classifier_cost) / std::max(per_iteration, 1)};
    for (Stage* stage : {&classifiers, &selector, &adversarial})
      if (stage->epochs > 0) stages_.push_back(std::move(*stage));
  }

  bool taught() const { return config_.recipe.distillation > 0; }

  /// One pass over the training part: the untrained selector's batch norms learn the scale of the data, so that the classifiers grow up
  /// on maps of the scale that they will read later.
  void set_running_statistics(const Random& random) {
    Random order = random.fork(7);
    const Batches batches(setup_.split.train, config_.recipe.batch, order);
    for (std::size_t b = 0; b < batches.size(); ++b) {
      loader_.load(batches[b], nullptr, input_);
      committee_.selector().forward(input_, nn::Mode::train, &order);
    }
  }

  double pretrain_classifiers(int epoch, Random& random) {
    if (subsets_[0].empty()) subsets_ = split_training_set(setup_, &strong_, Random(config_.seed).fork(2));
    const std::size_t count = optimizers_.size();
    if (epoch == 0) set_running_statistics(random);
    const auto selector_state = committee_.selector().save();
    std::vector<double> losses(count);
    const auto task = [&](int index) {
      const auto k = static_cast<std::size_t>(index);
      Random own = random.fork(100 + k), unused(0);
      nn::Network<float> selector(committee_.selector().spec(), unused);  // its activations are this task's own
      selector.restore(selector_state);
      Loader loader(setup_.dataset, config_.recipe, setup_.split.train);
      std::optional<Teacher> teacher;
      if (taught()) teacher.emplace(strong_.teacher().copy());
      losses[k] = train_supervised({committee_.classifiers().network(index), optimizers_[k], loader, loss_, subsets_[k], teacher ? &*teacher : nullptr,
                                    committee_.aggregates() ? &selector : nullptr, config_.recipe.batch,
                                    [&](double share) { return learning_rate(config_.recipe, config_.classifier_stage, epoch + share); }},
                                   own, true);
    };
    std::vector<int> order(count);  // the largest subset first: threads then end together
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater(), [&](int k) { return subsets_[static_cast<std::size_t>(k)].size(); });
    nn::parallel_for(&setup_.threads, static_cast<int>(count), [&](int i) { task(order[static_cast<std::size_t>(i)]); });
    check_interrupt();
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += losses[k] * static_cast<double>(subsets_[k].size());
    return sum / static_cast<double>(setup_.split.train.size());
  }

  /// One epoch of the selector, classifiers frozen in evaluate mode.
  double train_selector(const std::function<double(double)>& rate, Random& random) {
    const Batches batches(setup_.split.train, config_.recipe.batch, random);
    Random augmentation = random.fork(1), dropout = random.fork(2);
    nn::Network<float>& selector = committee_.selector();
    const bool separate = config_.adversarial.masks == "evaluate" && committee_.aggregates();
    Config::Recipe plain = config_.recipe;
    plain.distillation = plain.label_smoothing = 0;
    const SampleLoss cross_entropy(plain, committee_.size());
    std::vector<std::int32_t> labels;
    std::vector<float> gradient;
    double sum = 0;
    selector_optimizer_.begin_epoch();
    for (std::size_t b = 0; b < batches.size(); ++b) {
      check_interrupt();
      loader_.load(batches[b], &augmentation, input_);
      loader_.labels(batches[b], labels);
      selector.zero_gradients();
      if (separate) {
        forward_apart(dropout);
      } else {
        selector.forward(input_, nn::Mode::train, &dropout);
        committee_.classifiers().forward_all(input_, committee_.extras_of(selector), nn::Mode::evaluate, nullptr);
      }
      const auto targets = selector_targets(logits_of(committee_.classifiers()), labels, setup_.classes(), config_.adversarial.labels == "hard");
      gradient.resize(selector.logits().size());
      sum += weighted_loss(cross_entropy, {static_cast<int>(labels.size()), targets, {}}, selector.logits(), {}, true, gradient) *
             static_cast<double>(labels.size());
      selector.backward(gradient);
      selector_optimizer_.step(rate(static_cast<double>(b) / static_cast<double>(batches.size())));
    }
    return sum / static_cast<double>(setup_.split.train.size());
  }

  /// The selector in train mode and, side by side with it, the classifiers in evaluate mode on the maps that they will read when
  /// deployed: those of a copy of the selector in evaluate mode, for which they wait.
  void forward_apart(Random& dropout) {
    nn::Network<float>& selector = committee_.selector();
    nn::Bank<float>& bank = committee_.classifiers();
    if (!deployed_) {
      Random unused(0);
      deployed_.emplace(selector.spec(), unused);
    }
    std::ranges::copy(selector.values(), deployed_->values().begin());
    std::ranges::copy(selector.running(), deployed_->running().begin());
    deployed_->prepare(input_, {});
    const auto extras = committee_.extras_of(*deployed_);
    std::atomic<bool> ready = false;
    selector.use_threads(nullptr);  // no loops within the loop
    nn::parallel_for(&setup_.threads, 2 + bank.size(), [&](int task) {
      if (task == 0) {
        deployed_->forward(input_, nn::Mode::evaluate, nullptr);
        ready.store(true, std::memory_order_release);
        ready.notify_all();
      } else if (task == 1) {
        selector.forward(input_, nn::Mode::train, &dropout);
      } else {
        ready.wait(false, std::memory_order_acquire);  // task 0 was begun before this one
        bank.network(task - 2).forward(input_, extras, nn::Mode::evaluate, nullptr);
      }
    });
    selector.use_threads(&setup_.threads);
  }

  /// One epoch of all classifiers, selector frozen in evaluate mode.
  double train_classifiers(const std::function<double(double)>& rate, Random& random) {
    const Batches batches(setup_.split.train, config_.recipe.batch, random);
    Random augmentation = random.fork(1), dropout = random.fork(2);
    nn::Network<float>& selector = committee_.selector();
    nn::Bank<float>& bank = committee_.classifiers();
    const nn::Mode judge = config_.adversarial.masks == "train" ? nn::Mode::train : nn::Mode::evaluate;
    std::vector<std::int32_t> labels, routes;
    std::vector<float> gradient;
    std::vector<double> losses(optimizers_.size());
    double sum = 0;
    for (auto& o : optimizers_) o.begin_epoch();
    for (std::size_t b = 0; b < batches.size(); ++b) {
      check_interrupt();
      loader_.load(batches[b], &augmentation, input_);
      loader_.labels(batches[b], labels);
      selector.forward(input_, nn::Mode::evaluate, nullptr);
      const auto extras = committee_.extras_of(selector);
      const auto count = static_cast<std::size_t>(committee_.size());
      routes.resize(labels.size());
      for (std::size_t i = 0; i < labels.size(); ++i) routes[i] = argmax(selector.logits().subspan(i * count, count));
      bank.forward_all(input_, extras, judge, &dropout);
      const auto right = right_answers(logits_of(bank), labels, setup_.classes());
      const auto weights = adversarial_weights(config_.adversarial, right, routes);
      const std::size_t size = labels.size() * static_cast<std::size_t>(setup_.classes());
      gradient.resize(count * size);
      const BatchTargets targets = targets_of(loader_, input_, labels, taught() ? &strong_.teacher() : nullptr);
      const double now = rate(static_cast<double>(b) / static_cast<double>(batches.size()));
      bank.train_each(input_, extras, &dropout, [&](int index) {
        const auto k = static_cast<std::size_t>(index);
        const auto part = std::span(gradient).subspan(k * size, size);
        losses[k] = weighted_loss(loss_, targets, bank.network(index).logits(), weights[k], false, part);
        bank.network(index).backward(part);
        optimizers_[k].step(now);
      });
      for (const double l : losses) sum += l;
    }
    return sum / static_cast<double>(batches.size());
  }

  double adversarial_rate(int epoch, double share) const {
    const auto& a = config_.adversarial;
    const int per_iteration = a.selector_epochs + a.classifier_epochs, p = epoch / per_iteration, at = epoch % per_iteration;
    const bool selecting = at < a.selector_epochs;
    const int own = selecting ? a.selector_epochs : a.classifier_epochs, t = selecting ? at : at - a.selector_epochs;
    const StageConfig stage{a.iterations * own, a.learning_rate, a.decay, a.decay_every};
    return learning_rate(config_.recipe, stage, own * p + t + share);
  }

  double adversarial_epoch(int epoch, Random& random) {
    const auto& a = config_.adversarial;
    const auto rate = [&](double share) { return adversarial_rate(epoch, share); };
    return epoch % (a.selector_epochs + a.classifier_epochs) < a.selector_epochs ? train_selector(rate, random) : train_classifiers(rate, random);
  }

  const Setup setup_;
  const Config& config_;
  Random init_;
  StrongModel strong_;
  Committee committee_;
  Loader loader_;
  SampleLoss loss_;
  Optimizer selector_optimizer_;
  std::optional<nn::Network<float>> deployed_;  // the selector's copy in evaluate mode
  std::vector<Optimizer> optimizers_;
  std::vector<std::vector<std::uint32_t>> subsets_;
  nn::Maps<float> input_;
};

}  // namespace

std::unique_ptr<Method> make_ditmos(const Setup& setup) { return std::make_unique<Ditmos>(setup); }

}  // namespace ditmos::method
