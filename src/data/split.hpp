#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace ditmos::data {

/// Indices into a Dataset, each sorted; disjoint; together all of it.
struct Split {
  std::string protocol;
  std::vector<std::uint32_t> train, validation, test;
};

struct SplitOptions {
  /// "window-random": stratified by class; "group": groups kept whole; "leave-one-group-out": the test part
  /// is group `held_out`; "official": the publisher's test part, or its fold `held_out`; "paper": window-random without a validation
  /// part (validation = test: the checkpoint is chosen on the test part, as published; optimistic).
  std::string protocol = "window-random";
  double test_share = 0.2;
  double validation_share = 0.15;  ///< of what is not test, cut by the same rule
  int held_out = 0;                ///< which group (position in sorted order) leave-one-group-out holds out; which fold of an official split
  std::uint64_t seed = 1;
};

/// Throws Error with what is there and what is needed: unknown protocol (nearest name), no groups, too few
/// groups, no official split.
Split make_split(const Dataset& dataset, const SplitOptions& options);

const std::vector<std::string>& protocol_names();
/// True for "paper": figures under it are labelled optimistic wherever they are printed.
bool is_optimistic(const std::string& protocol);

}  // namespace ditmos::data
