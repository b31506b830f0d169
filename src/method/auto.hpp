#pragma once
#include "method/run.hpp"

namespace ditmos::method {

/// The methods that "auto" tries, each as a whole configuration: one dense network (dense-latency, dense-ram, dense-flash), the 6-layer network, and
/// mixtures of 2, 4 and classifiers.count classifiers. Those over the budget search.macs, search.parameters, search.ram (0: that of ditmos) are left out.
/// Throws Error when none fits.
std::vector<Config> auto_candidates(const Config& config, const data::Dataset& dataset, const data::Split& split);

/// Trains each candidate into options.folder/candidates/ (the validation part is kept apart, also with checkpoint "refit"), takes the one
/// with the highest accuracy on the validation part, of equal ones that of fewer multiply-accumulates, and trains it into
/// options.folder, a run as any other; its run.json lists what was tried under "notes". Resumes like a run. max_minutes counts for each training.
RunResult train_auto(const Config& config, const data::Dataset& dataset, const RunOptions& options);

/// What a run folder is resumed with: its config, or, of a run of method auto, the configuration that it chooses within.
Config read_resumable_config(const std::filesystem::path& folder);

}  // namespace ditmos::method
