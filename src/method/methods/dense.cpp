#include "method/methods/dense.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "core/error.hpp"
#include "method/strong.hpp"
#include "method/supervised.hpp"

namespace ditmos::method {
namespace {

nn::NetworkSpec dense_spec(const Setup& setup, const NetworkConfig& network) {
  return make_spec(network, setup.config.method == "ds-cnn" ? "ds_cnn" : "dense", setup.shape(), setup.classes(), setup.config.dropout);
}

bool fits(const Cost& cost, const Cost& limits) {
  const auto within = [](std::int64_t value, std::int64_t limit) { return limit == 0 || value <= limit; };
  return within(cost.parameters, limits.parameters) && within(cost.macs, limits.macs) && within(cost.ram, limits.ram);
}

/// `shape` with its channels times the largest factor (steps of 1/16) that fits, then widened by a channel a block in turn, last block
/// first, none to more than twice that, so that little of the budget is left over; or nothing.
std::optional<NetworkConfig> scaled(const Setup& setup, const NetworkConfig& shape, const Cost& limits) {
  constexpr int most_channels = 256;
  std::optional<NetworkConfig> best;
  for (int step = 1; step <= 16 * 16; ++step) {
    NetworkConfig wider = shape;
    for (int& c : wider.channels) c = std::max(1, static_cast<int>(std::lround(c * step / 16.0)));
    if (*std::max_element(wider.channels.begin(), wider.channels.end()) > most_channels) break;
    if (!fits(cost_of(dense_spec(setup, wider)), limits)) break;
    best = wider;
  }
  if (!best) return best;
  const std::vector<int> narrowest = best->channels;
  for (bool widened = true; widened;) {
    widened = false;
    for (std::size_t b = shape.channels.size(); b-- > 0;) {
      NetworkConfig wider = *best;
      if (++wider.channels[b] > std::min(most_channels, 2 * narrowest[b]) || !fits(cost_of(dense_spec(setup, wider)), limits)) continue;
      best = wider;
      widened = true;
    }
  }
  return best;
}

class Dense final : public Method {
 public:
  Dense(const Setup& setup, std::vector<NetworkConfig> candidates)
      : setup_(setup), config_(setup_.config), candidates_(std::move(candidates)), scores_(candidates_.size(), -1.0),
        loader_(setup.dataset, config_.recipe, setup.split.train), loss_(config_.recipe, setup.classes()) {
    Random init = Random(config_.seed).fork(1);
    if (config_.recipe.distillation > 0) {
      strong_.emplace(setup_, init);
      stages_.push_back(strong_->stage());
    }
    // Candidates are judged on the validation part, so they never train on it.
    std::set_difference(setup.split.train.begin(), setup.split.train.end(), setup.split.validation.begin(), setup.split.validation.end(), std::back_inserter(search_rows_));
    if (search_rows_.empty()) search_rows_ = setup.split.train;
    const double n = static_cast<double>(setup.split.train.size());
    double most = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const double macs = static_cast<double>(cost_of(dense_spec(setup_, candidates_[i])).macs);
      most = std::max(most, macs);
      if (candidates_.size() > 1) {
        StageConfig stage = config_.joint;
        stage.epochs = config_.search.epochs;
        stage.decay_every = std::max(1.0, config_.joint.decay_every * stage.epochs / std::max(config_.joint.epochs, 1));
        stages_.push_back({fmt::format("search {} of {}", i + 1, candidates_.size()), stage.epochs,
                           [this, i, stage](int epoch, Random& random) { return try_candidate(i, stage, epoch, random); },
                           [this, stage](int epoch) { return learning_rate(config_.recipe, stage, epoch); }, false, macs * n});
      }
    }
    stages_.push_back({config_.method, config_.joint.epochs,
                       [this](int epoch, Random& random) {
                         if (current_ != final_index()) build(final_index());
                         return train(config_.joint, setup_.split.train, epoch, random);
                       },
                       [this](int epoch) { return learning_rate(config_.recipe, config_.joint, epoch); }, true, most * n});
    build(candidates_.size() > 1 ? 0 : final_index());
  }

  Committee& committee() override { return *committee_; }

  void save(Archive& archive) const override {
    if (strong_) strong_->save(archive);
    archive.put_values("search.scores", std::span<const double>(scores_));
    archive.put_values("search.current", std::span<const std::uint64_t>(&current_, 1));
    archive.put("network.optimizer", optimizer_->save());
  }

  void restore(const Archive& archive) override {
    if (strong_) strong_->restore(archive);
    const auto scores = archive.get_values<double>("search.scores");
    const auto current = archive.get_values<std::uint64_t>("search.current");
    if (scores.size() != scores_.size() || current.size() != 1 || current[0] > candidates_.size())
      throw Error("the checkpoint is of another search", "start the run anew in another folder");
    scores_ = scores;
    build(current[0]);
    optimizer_->restore(archive.get("network.optimizer"));
  }

  Json notes() const override {
    Json tried = Json::array();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Cost cost = cost_of(dense_spec(setup_, candidates_[i]));
      tried.push_back({{"channels", candidates_[i].channels}, {"kernels", candidates_[i].kernels}, {"hidden", candidates_[i].hidden},
                       {"parameters", cost.parameters}, {"macs", cost.macs}, {"ram_values", cost.ram}, {"validation_accuracy", scores_[i]}});
    }
    return {{"search", tried}, {"winner", winner()}};
  }

 private:
  std::size_t winner() const { return static_cast<std::size_t>(std::max_element(scores_.begin(), scores_.end()) - scores_.begin()); }
  /// One past the candidates: the winner, trained in full.
  std::uint64_t final_index() const { return candidates_.size(); }

  void build(std::uint64_t index) {
    current_ = index;
    Random init = Random(config_.seed).fork(1000 + index);
    const NetworkConfig& network = candidates_[index == final_index() ? winner() : static_cast<std::size_t>(index)];
    committee_.emplace(model::Combine::single, std::nullopt, dense_spec(setup_, network), 1, init, &setup_.threads);
    optimizer_.emplace(committee_->classifiers().network(0), config_.recipe);
  }

  double try_candidate(std::size_t index, const StageConfig& stage, int epoch, Random& random) {
    if (current_ != index) build(index);
    const double loss = train(stage, search_rows_, epoch, random);
    if (epoch + 1 == stage.epochs) {
      std::vector<std::int32_t> labels;
      loader_.labels(setup_.split.validation, labels);
      const Metrics m = measure(committee_->predict(loader_, setup_.split.validation, false), labels, false);
      scores_[index] = m.accuracy - 1e-6 * std::min(m.loss, 1e3);  // equal accuracies are told apart by the loss
    }
    return loss;
  }

  double train(const StageConfig& stage, std::span<const std::uint32_t> rows, int epoch, Random& random) {
    return train_supervised({committee_->classifiers().network(0), *optimizer_, loader_, loss_, rows,
                             strong_ ? &strong_->teacher() : nullptr, nullptr, config_.recipe.batch,
                             [&](double share) { return learning_rate(config_.recipe, stage, epoch + share); }},
                            random);
  }

  const Setup setup_;
  const Config& config_;
  std::vector<NetworkConfig> candidates_;
  std::vector<double> scores_;
  std::vector<std::uint32_t> search_rows_;
  std::optional<StrongModel> strong_;
  std::uint64_t current_ = 0;
  std::optional<Committee> committee_;
  std::optional<Optimizer> optimizer_;
  Loader loader_;
  SampleLoss loss_;
};

Cost ditmos_cost(const Setup& setup) {
  return cost_of(selector_spec(setup.config, setup.shape()), classifier_spec(setup.config, setup.shape(), setup.classes()), setup.config.classifiers);
}

[[noreturn]] void throw_nothing_fits(const Cost& limits, const char* narrow) {
  throw Error(fmt::format("no network of this kind fits {} parameters, {} multiply-accumulates, {} values of memory (0: no limit)", limits.parameters, limits.macs, limits.ram),
              fmt::format("raise --search.macs, --search.parameters or --search.ram, or narrow --{}", narrow));
}

std::unique_ptr<Method> make_dense(const Setup& setup, const Cost& limits) {
  auto candidates = dense_candidates(setup, limits);
  if (candidates.empty()) throw_nothing_fits(limits, "dense.hidden");
  return std::make_unique<Dense>(setup, std::move(candidates));
}

std::int64_t budget(double asked, std::int64_t otherwise) { return asked > 0 ? static_cast<std::int64_t>(asked) : otherwise; }

}  // namespace

std::vector<NetworkConfig> dense_candidates(const Setup& setup, const Cost& limits) {
  // Shapes around the configured one: even widths, narrowing, widening; longer and shorter kernels; one block more; a narrower head.
  const NetworkConfig& base = setup.config.dense;
  std::vector<NetworkConfig> shapes = {base};
  const auto vary = [&](auto change) {
    NetworkConfig shape = base;
    change(shape);
    shapes.push_back(shape);
  };
  vary([](NetworkConfig& s) { for (int& c : s.channels) c = 12; });
  vary([](NetworkConfig& s) { for (int& k : s.kernels) k = std::max(3, (k + 1) / 2 | 1); });
  vary([](NetworkConfig& s) { std::reverse(s.channels.begin(), s.channels.end()); });
  vary([](NetworkConfig& s) { for (int& h : s.hidden) h = std::max(8, h / 2); });
  vary([](NetworkConfig& s) {
    s.channels.push_back(s.channels.back());
    if (s.kernels.size() > 1) s.kernels.push_back(3);
    if (s.pools.size() > 1) s.pools.push_back(2);
    if (s.heights.size() > 1) s.heights.push_back(3);
    s.padding = std::max(s.padding, 1);
  });
  vary([](NetworkConfig& s) { s.hidden.clear(); });
  std::vector<NetworkConfig> out;
  for (const NetworkConfig& shape : shapes) {
    if (static_cast<int>(out.size()) == setup.config.search.candidates) break;
    try {
      if (auto network = scaled(setup, shape, limits); network && std::find(out.begin(), out.end(), *network) == out.end()) out.push_back(*network);
    } catch (const Error&) {  // a shape that the windows are too short for; the configured one must fit
      if (shape == base) throw;
    }
  }
  return out;
}

std::unique_ptr<Method> make_dense_latency(const Setup& setup) { return make_dense(setup, {0, budget(setup.config.search.macs, ditmos_cost(setup).macs), 0}); }
std::unique_ptr<Method> make_dense_flash(const Setup& setup) { return make_dense(setup, {budget(setup.config.search.parameters, ditmos_cost(setup).parameters), 0, 0}); }
std::unique_ptr<Method> make_dense_ram(const Setup& setup) {
  const Cost cost = ditmos_cost(setup);
  return make_dense(setup, {0, 2 * cost.macs, budget(setup.config.search.ram, cost.ram)});
}

std::unique_ptr<Method> make_ds_cnn(const Setup& setup) {
  const Config& c = setup.config;
  const Cost limits{budget(c.search.parameters, 0), budget(c.search.macs, 0), budget(c.search.ram, 0)};
  if (limits.parameters == 0 && limits.macs == 0 && limits.ram == 0) return std::make_unique<Dense>(setup, std::vector{c.ds_cnn});
  const auto widest = scaled(setup, c.ds_cnn, limits);
  if (!widest) throw_nothing_fits(limits, "ds_cnn.channels");
  return std::make_unique<Dense>(setup, std::vector{*widest});
}

}  // namespace ditmos::method
