#pragma once
#include <string>

#include "core/json.hpp"
#include "report/page.hpp"

namespace ditmos::report {

/// The page of an experiment from its summary.json: for each data set and protocol a table, accuracies with their 95 %
/// intervals, accuracy against parameters, multiply-accumulates and working memory, and curves where the variants' names end in a
/// number ("mixture 4", "ditmos 25 KB"). Members that are absent or of another type are left out.
Page experiment_report(const Json& summary);

/// A variant's name taken apart: "ditmos 25 KB" -> "ditmos", 25, "KB"; `numbered` is false where it ends in no number.
struct VariantName {
  std::string series, unit;
  double value = 0;
  bool numbered = false;
};
VariantName parse_variant(const std::string& name);

}  // namespace ditmos::report
