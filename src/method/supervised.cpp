#include "method/supervised.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/interrupt.hpp"

namespace ditmos::method {

void check_interrupt() {
  if (interrupted()) throw Interrupted("interrupted", "ditmos train --out DIR --resume goes on where it stopped (DIR: this run)");
}

std::span<const float> gather_teacher(std::span<const float> teacher, std::span<const std::uint32_t> rows, int classes, std::vector<float>& buffer) {
  if (teacher.empty()) return {};
  const auto width = static_cast<std::size_t>(classes);
  buffer.resize(rows.size() * width);
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(teacher.data() + rows[i] * width, width, buffer.data() + i * width);
  return buffer;
}

double train_supervised(const SupervisedEpoch& e, Random& random, bool quietly) {
  const Batches batches(e.rows, e.batch, random);
  Random augmentation = random.fork(1), dropout = random.fork(2);
  nn::Maps<float> input;
  std::vector<std::int32_t> labels;
  std::vector<float> gradient, teacher;
  std::vector<const nn::Maps<float>*> extras;
  double sum = 0;
  e.optimizer.begin_epoch();
  for (std::size_t b = 0; b < batches.size(); ++b) {
    if (quietly && interrupted()) break;
    if (!quietly) check_interrupt();
    e.loader.load(batches[b], &augmentation, input);
    e.loader.labels(batches[b], labels);
    if (e.selector) {
      e.selector->forward(input, nn::Mode::train, &dropout);
      const auto& blocks = e.network.spec().blocks;
      extras.assign(blocks.size(), nullptr);
      for (std::size_t k = 1; k < blocks.size(); ++k)
        if (blocks[k].extra_channels) extras[k] = &e.selector->map(static_cast<int>(k) - 1);
    }
    e.network.zero_gradients();
    e.network.forward(input, extras, nn::Mode::train, &dropout);
    gradient.resize(e.network.logits().size());
    const BatchTargets targets{static_cast<int>(labels.size()), labels, gather_teacher(e.teacher, batches[b], e.loss.classes(), teacher)};
    sum += weighted_loss(e.loss, targets, e.network.logits(), {}, true, gradient) * static_cast<double>(labels.size());
    e.network.backward(gradient);
    e.optimizer.step(e.rate(static_cast<double>(b) / static_cast<double>(batches.size())));
  }
  return sum / static_cast<double>(std::max<std::size_t>(e.rows.size(), 1));
}

}  // namespace ditmos::method
