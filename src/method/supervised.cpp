#include "method/supervised.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "method/evaluation.hpp"

namespace ditmos::method {

void check_interrupt() {
  if (interrupted()) throw Interrupted("interrupted", "ditmos train --out DIR --resume goes on where it stopped (DIR: this run)");
}

BatchTargets targets_of(const Loader& loader, const nn::Maps<float>& input, std::span<const std::int32_t> labels, Teacher* teacher) {
  return {static_cast<int>(labels.size()), labels, teacher ? teacher->answer(input) : std::span<const float>(), loader.partners(), loader.shares()};
}

double train_supervised(const SupervisedEpoch& e, Random& random, bool quietly) {
  const Batches batches(e.rows, e.batch, random);
  Random augmentation = random.fork(1), dropout = random.fork(2);
  nn::Maps<float> input;
  std::vector<std::int32_t> labels;
  std::vector<float> gradient;
  std::vector<const nn::Maps<float>*> extras;
  double sum = 0;
  e.optimizer.begin_epoch();
  for (std::size_t b = 0; b < batches.size(); ++b) {
    if (quietly && interrupted()) break;
    if (!quietly) check_interrupt();
    e.loader.load(batches[b], &augmentation, input);
    e.loader.labels(batches[b], labels);
    if (e.selector) {
      e.selector->forward(input, nn::Mode::evaluate, nullptr);
      const auto& blocks = e.network.spec().blocks;
      extras.assign(blocks.size(), nullptr);
      for (std::size_t k = 1; k < blocks.size(); ++k)
        if (blocks[k].extra_channels) extras[k] = &e.selector->map(static_cast<int>(k) - 1);
    }
    e.network.zero_gradients();
    e.network.forward(input, extras, nn::Mode::train, &dropout);
    gradient.resize(e.network.logits().size());
    const BatchTargets targets = targets_of(e.loader, input, labels, e.teacher);
    sum += weighted_loss(e.loss, targets, e.network.logits(), {}, true, gradient) * static_cast<double>(labels.size());
    e.network.backward(gradient);
    e.optimizer.step(e.rate(static_cast<double>(b) / static_cast<double>(batches.size())));
  }
  return sum / static_cast<double>(std::max<std::size_t>(e.rows.size(), 1));
}

}  // namespace ditmos::method
