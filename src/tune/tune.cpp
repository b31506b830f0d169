#include "tune/tune.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compile/compile.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "data/rows.hpp"
#include "method/export.hpp"
#include "method/tuning_loss.hpp"
#include "tune/integer_twin.hpp"

namespace ditmos::tune {
namespace {

void check_interrupt() {
  if (interrupted()) throw Interrupted("interrupted", "fine-tuning is short and starts anew; nothing was written");
}

class Tuner {
 public:
  Tuner(method::Committee& committee, method::Committee& teacher, const method::Setup& setup, const TuneOptions& options)
      : committee_(committee), teacher_(teacher), setup_(setup), options_(options), loader_(setup.dataset, setup.config.recipe, setup.split.train),
        loss_(setup.config, committee) {
    windows_ = spread_windows(setup.dataset, setup.split.train, options.calibration_windows, count_);
    if (committee.has_selector()) networks_.push_back(&committee.selector());
    for (int k = 0; k < committee.size(); ++k) networks_.push_back(&committee.classifiers().network(k));
    twins_.reserve(networks_.size());
    for (nn::Network<float>* network : networks_) twins_.emplace_back(*network);
    for (const IntegerTwin& twin : twins_) optimizers_.emplace_back(twin.parameters(), nn::AdamWOptions{0.9, 0.999, 1e-8, 0});
  }

  TuneResult run() {
    TuneResult result;
    const Random random = Random(setup_.config.seed).fork(8);
    std::vector<std::byte> best;
    double loss = 0;
    for (int epoch = 0; epoch <= options_.epochs; ++epoch) {
      const compile::Program quantized = quantize();
      const TunedEpoch now{loss, score_integers(quantized, setup_.dataset, setup_.split.validation)};
      if (epoch == 0 || setup_.split.validation.empty() || now.validation.better_than(result.epochs[static_cast<std::size_t>(result.best)].validation)) {
        result.best = epoch;
        best = committee_.save();
      }
      result.epochs.push_back(now);
      if (options_.on_epoch && epoch > 0) options_.on_epoch(epoch);
      if (epoch == options_.epochs) break;
      for (std::size_t n = 0; n < twins_.size(); ++n) twins_[n].take_scales(quantized.networks[n]);
      const nn::Grid window = grid_of_input(quantized.networks[0], quantized.networks[0].inputs.at(0).name);
      Random own = random.fork(static_cast<std::uint64_t>(epoch));
      loss = train(epoch, window, own);
      for (IntegerTwin& twin : twins_) twin.drop_scales();
    }
    committee_.restore(best);
    return result;
  }

 private:
  compile::Program quantize() { return compile::quantize(float_program(committee_, setup_), windows_, count_, options_.quantize); }

  double train(int epoch, const nn::Grid& window, Random& random) {
    const method::Batches batches(setup_.split.train, options_.batch, random);
    Random augmentation = random.fork(1);
    double sum = 0;
    for (std::size_t b = 0; b < batches.size(); ++b) {
      check_interrupt();
      loader_.load(batches[b], &augmentation, input_);
      loader_.labels(batches[b], labels_);
      forward(teacher_);
      for (int g = 0; g < input_.groups(); ++g) nn::round_to(window, input_, g);
      for (IntegerTwin& twin : twins_) twin.round_weights();
      for (nn::Network<float>* network : networks_) network->zero_gradients();
      forward(committee_);
      sum += loss_(committee_, teacher_, labels_, gradients_) * static_cast<double>(labels_.size());
      backward();
      const double share = (epoch + static_cast<double>(b) / static_cast<double>(batches.size())) / options_.epochs;
      const double rate = options_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * share));
      for (std::size_t n = 0; n < twins_.size(); ++n) {
        twins_[n].real_weights();
        optimizers_[n].step(rate);
      }
    }
    return sum / static_cast<double>(std::max<std::size_t>(setup_.split.train.size(), 1));
  }

  void forward(method::Committee& committee) {
    std::vector<const nn::Maps<float>*> extras;
    if (committee.has_selector()) {
      committee.selector().forward(input_, nn::Mode::evaluate, nullptr);
      extras = committee.extras_of(committee.selector());
    }
    committee.classifiers().forward_all(input_, extras, nn::Mode::evaluate, nullptr);
  }

  void backward() {
    if (gradients_.through_maps) {
      committee_.backward_through_maps(gradients_.selector, gradients_.classifiers);
      return;
    }
    committee_.classifiers().backward_all(std::span<const float>(gradients_.classifiers));
    if (committee_.has_selector()) committee_.selector().backward(gradients_.selector);
  }

  method::Committee& committee_;
  method::Committee& teacher_;
  const method::Setup& setup_;
  const TuneOptions& options_;
  method::Loader loader_;
  method::TuningLoss loss_;
  std::vector<float> windows_;
  std::size_t count_ = 0;
  std::vector<nn::Network<float>*> networks_;  // in the order of the bundle
  std::vector<IntegerTwin> twins_;
  std::vector<nn::AdamW<float>> optimizers_;
  nn::Maps<float> input_;
  std::vector<std::int32_t> labels_;
  method::TuningLoss::Gradients gradients_;
};

}  // namespace

std::vector<double> probabilities(const std::vector<float>& answer, model::Combine combine) {
  std::vector<double> p(answer.begin(), answer.end());
  if (combine != model::Combine::average) method::softmax(answer, p);  // else they are probabilities already
  return p;
}

IntegerScore score_integers(const compile::Program& quantized, const data::Dataset& dataset, const std::vector<std::uint32_t>& rows) {
  const compile::Int8Reference reference(quantized);
  IntegerScore score;
  for (const std::uint32_t row : rows) {
    check_interrupt();
    const auto answer = reference.run(dataset.window(row));
    score.accuracy += answer.label == dataset.y[row];
    score.log_loss -= std::log(std::max(probabilities(answer.real, quantized.combine).at(static_cast<std::size_t>(dataset.y[row])), 1e-30));
  }
  const auto n = static_cast<double>(std::max<std::size_t>(rows.size(), 1));
  return {score.accuracy / n, score.log_loss / n};
}

TuneResult tune(method::Committee& committee, method::Committee& teacher, const method::Setup& setup, const TuneOptions& options) {
  if (setup.split.validation == setup.split.test)
    throw Error("this run has no validation part of its own to choose an epoch by", "train it under another protocol than paper");
  return Tuner(committee, teacher, setup, options).run();
}

compile::Program float_program(method::Committee& committee, const method::Setup& setup) {
  compile::Program program = compile::prepare(compile::import_bundle(method::to_bundle(committee, setup), "model"), "fused");
  compile::lower_for_int8(program);
  return program;
}

std::vector<float> spread_windows(const data::Dataset& dataset, const std::vector<std::uint32_t>& rows, std::size_t most, std::size_t& count) {
  const std::vector<std::uint32_t> chosen = data::spread_rows(rows, most);
  count = chosen.size();
  return data::windows_of(dataset, chosen);
}

}  // namespace ditmos::tune
