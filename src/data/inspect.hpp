#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "data/dataset.hpp"

namespace ditmos::data {

/// What a person should know before training on a data set. Counts are of windows unless named otherwise.
struct Inspection {
  struct Class {
    std::string name;
    std::size_t windows = 0, groups = 0;
  };
  struct Channel {
    std::string name;
    double least = 0, most = 0, mean = 0, deviation = 0;  ///< over finite samples
    std::size_t clipped = 0;  ///< windows with three samples in a row at the channel's least or most value
  };
  std::size_t windows = 0, groups = 0;
  std::vector<Class> classes;
  std::vector<Channel> channels;
  double imbalance = 0;               ///< largest class / smallest class
  std::size_t not_finite = 0;         ///< with a NaN or an infinite sample
  std::vector<std::size_t> not_finite_first;  ///< the first of them, at most ten
  std::size_t constant = 0;           ///< with no change in any channel
  std::size_t duplicates = 0;         ///< equal in every bit to an earlier one
  std::size_t conflicting = 0;        ///< of these, with another label than the earlier one
  std::size_t across_groups = 0;      ///< of these, in another group than the earlier one
  /// Share of the test part of a window-random split whose group has windows in training, too; 0 without groups.
  double leakage = 0;
  std::vector<std::string> warnings;  ///< sentences, the most serious first
};

/// Reads a data set that validate() might refuse; sizes must agree.
Inspection inspect(const Dataset& dataset);
Json to_json(const Inspection& inspection, const Dataset& dataset);

}  // namespace ditmos::data
