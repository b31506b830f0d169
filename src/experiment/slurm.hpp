#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ditmos::experiment {

/// An experiment as a Slurm job array: task i of n does shard i/n, and a last job gathers the tables when all have ended, well or not.
struct SlurmJob {
  std::string name;                    ///< of the experiment; the jobs are named ditmos-NAME
  std::filesystem::path folder;        ///< of the runs, absolute; scripts and logs go into its slurm/
  std::vector<std::string> command;    ///< the program and its arguments, without --shard, --jobs and --gather
  int tasks = 8;
  std::vector<std::string> arguments;  ///< passed to sbatch, as --partition=long
};

/// Text of slurm/array.sh and slurm/gather.sh.
std::string array_script(const SlurmJob& job);
std::string gather_script(const SlurmJob& job);
/// Writes both scripts.
void write_slurm_scripts(const SlurmJob& job);

struct SlurmIds {
  std::string array, gather;
};
/// Writes the scripts and submits them. Throws Error when sbatch is absent or refuses; the scripts stay.
SlurmIds submit(const SlurmJob& job);

/// `text` as one word of a POSIX shell.
std::string shell_word(const std::string& text);

}  // namespace ditmos::experiment
