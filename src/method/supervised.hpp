#pragma once
#include "method/losses.hpp"
#include "method/method.hpp"

namespace ditmos::method {

/// Trains one network on labels for an epoch: what strong model, dense baselines, ensemble members and pre-training share.
struct SupervisedEpoch {
  nn::Network<float>& network;
  Optimizer& optimizer;
  Loader& loader;
  const SampleLoss& loss;
  std::span<const std::uint32_t> rows;
  /// (dataset rows, classes) logits of the teacher, or empty.
  std::span<const float> teacher;
  /// The selector whose maps the network reads (in evaluate mode), or null.
  nn::Network<float>* selector = nullptr;
  int batch = 8;
  std::function<double(double)> rate;  ///< learning rate at a share 0 .. 1 of the epoch
};

/// Mean loss. Throws Interrupted between batches unless `quietly` (a worker thread, which must not throw) is set; then it returns early.
double train_supervised(const SupervisedEpoch& epoch, Random& random, bool quietly = false);

/// Throws Interrupted when a signal came.
void check_interrupt();

/// What a batch is taught: `rows` as `loader` loaded them last, `labels` as it gave them, the teacher's logits for them (`teacher`: of every row of
/// the data set, or empty). Of mixed windows the teacher's probabilities are mixed alike. `buffer` must outlive the result.
BatchTargets targets_of(const Loader& loader, std::span<const std::uint32_t> rows, std::span<const std::int32_t> labels, std::span<const float> teacher,
                        int classes, std::vector<float>& buffer);

}  // namespace ditmos::method
