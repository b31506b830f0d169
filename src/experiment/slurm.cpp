#include "experiment/slurm.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "device/process.hpp"
#include "device/toolchain.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

std::string command_text(const SlurmJob& job) {
  std::string out;
  for (const std::string& word : job.command) out += (out.empty() ? "" : " ") + shell_word(word);
  return out;
}

fs::path find_sbatch(const fs::path& script) {
  try {
    return device::find_tool("sbatch");
  } catch (const Error&) {
    throw Error("sbatch is not on the PATH",
                "submit " + script.string() + " by hand where Slurm is, or apt-get install slurm-client; ditmos experiment --shard i/n suits any other scheduler");
  }
}

/// Submits one script; returns the job's number.
std::string run_sbatch(const SlurmJob& job, const fs::path& script, const std::vector<std::string>& more) {
  std::vector<std::string> argv = {find_sbatch(script).string(), "--parsable"};
  argv.insert(argv.end(), job.arguments.begin(), job.arguments.end());
  argv.insert(argv.end(), more.begin(), more.end());
  argv.push_back(script.string());
  std::string id = device::run_checked(argv, "submit " + script.string()).out;
  id = id.substr(0, id.find_first_of(";\n"));  // "id;cluster"
  if (id.empty() || id.find_first_not_of("0123456789") != std::string::npos) throw Error("sbatch answered \"" + id + "\" in place of a job's number");
  return id;
}

std::string header(const SlurmJob& job, const char* suffix) {
  return fmt::format("#!/bin/sh\n#SBATCH --job-name=ditmos-{}{}\n", job.name, suffix);
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (!text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./,:@%") == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string array_script(const SlurmJob& job) {
  return header(job, "") + fmt::format("exec {} --shard \"$SLURM_ARRAY_TASK_ID/{}\" --jobs \"${{SLURM_CPUS_PER_TASK:-1}}\"\n", command_text(job), job.tasks);
}

std::string gather_script(const SlurmJob& job) { return header(job, "-gather") + "exec " + command_text(job) + " --gather\n"; }

void write_slurm_scripts(const SlurmJob& job) {
  if (job.tasks < 1) throw Error(fmt::format("a job array of {} tasks", job.tasks), "--slurm-tasks must be at least 1");
  write_file_atomic(job.folder / "slurm" / "array.sh", array_script(job));
  write_file_atomic(job.folder / "slurm" / "gather.sh", gather_script(job));
}

SlurmIds submit(const SlurmJob& job) {
  write_slurm_scripts(job);
  const fs::path at = job.folder / "slurm";
  SlurmIds ids;
  ids.array = run_sbatch(job, at / "array.sh", {fmt::format("--array=0-{}", job.tasks - 1), "--output=" + (at / "part-%a.log").string()});
  ids.gather = run_sbatch(job, at / "gather.sh", {"--dependency=afterany:" + ids.array, "--output=" + (at / "gather.log").string()});
  return ids;
}

}  // namespace ditmos::experiment
