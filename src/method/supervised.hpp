#pragma once
#include "method/losses.hpp"
#include "method/method.hpp"
#include "method/teacher.hpp"

namespace ditmos::method {

/// Trains one network on labels for an epoch: what strong model, dense baselines, ensemble members and pre-training share.
struct SupervisedEpoch {
  nn::Network<float>& network;
  Optimizer& optimizer;
  Loader& loader;
  const SampleLoss& loss;
  std::span<const std::uint32_t> rows;
  /// Answers each batch as it was loaded, augmented and mixed (evaluate mode), or null.
  Teacher* teacher = nullptr;
  /// The selector whose maps the network reads (in evaluate mode), or null.
  nn::Network<float>* selector = nullptr;
  int batch = 8;
  std::function<double(double)> rate;  ///< learning rate at a share 0 .. 1 of the epoch
};

/// Mean loss. Throws Interrupted between batches unless `quietly` (a worker thread, which must not throw) is set; then it returns early.
double train_supervised(const SupervisedEpoch& epoch, Random& random, bool quietly = false);

/// Throws Interrupted when a signal came.
void check_interrupt();

/// What a batch is taught: `input` as `loader` loaded it last, `labels` as it gave them, and the answers of the teacher (or null) to that very input, so that
/// both see the same augmentation (Beyer 2022, consistent teaching). Refers to all of them.
BatchTargets targets_of(const Loader& loader, const nn::Maps<float>& input, std::span<const std::int32_t> labels, Teacher* teacher);

}  // namespace ditmos::method
