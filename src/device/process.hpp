#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ditmos::device {

struct ProcessOptions {
  std::filesystem::path folder;      ///< working folder; empty: the caller's
  double timeout_s = 120;            ///< then the process and all its children are killed
  std::size_t most_output = 1 << 20; ///< bytes kept of stdout and of stderr each; what comes after is read and dropped
};

struct ProcessResult {
  int exit_code = -1;  ///< 128 + signal when a signal ended it
  bool timed_out = false;
  std::string out, err;
};

/// Runs argv[0] (a path) without a shell, stdin closed, in a process group of its own that dies with this thread. Throws
/// Error when it cannot be started, Interrupted after Ctrl-C. Never waits longer than the time-out.
ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

/// As run_process, but throws Error unless it ended well in time: `doing` ("compile the firmware") opens the sentence, the
/// first lines of its stderr close it.
ProcessResult run_checked(const std::vector<std::string>& argv, const std::string& doing,
                          const ProcessOptions& options = {});

}  // namespace ditmos::device
