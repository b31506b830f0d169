#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace ditmos::experiment {

/// Which part of a sweep this process does: runs i, i + n, i + 2n, ... (0 <= i < n).
struct Shard {
  int index = 0, count = 1;
};
/// "2/8": the third of eight, as a scheduler numbers its jobs from 0. Throws Error.
Shard parse_shard(const std::string& text);
std::vector<PlannedRun> part_of(const std::vector<PlannedRun>& runs, const Shard& shard);

struct ExecuteOptions {
  std::filesystem::path folder;  ///< one folder for all runs of the experiment
  int jobs = 0;                  ///< runs at a time, each on one thread (0: as many as cores)
  double max_minutes = 0;        ///< no run begins after it (0: no limit); those under way finish
  std::string command, version;
};

struct ExecuteResult {
  int planned = 0, done = 0, done_before = 0, left = 0;
  std::vector<std::string> failures;  ///< "folder: what", a line a run that failed or is held by another process
};

/// Does what is not yet finished; a run that was cut short goes on from its checkpoint. Failures of single runs are collected; Interrupted is
/// thrown after all jobs have saved their checkpoints.
ExecuteResult execute(const std::vector<PlannedRun>& runs, const ExecuteOptions& options);

}  // namespace ditmos::experiment
