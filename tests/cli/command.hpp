#pragma once
#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace ditmos {

struct Outcome {
  int status;          ///< exit status, or -1 when a signal ended it
  std::string output;  ///< stdout and stderr
};

/// Runs a shell command.
inline Outcome shell(const std::string& text) {
  FILE* pipe = ::popen(("{ " + text + "\n} 2>&1").c_str(), "r");
  if (!pipe) return {-1, "popen failed"};
  Outcome outcome{-1, {}};
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) outcome.output.append(buffer, n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  return outcome;
}

/// Runs ditmos. `path`: where it looks for programs, or empty for where this test does.
inline Outcome run(const std::string& arguments, const std::string& path = "") {
  return shell("timeout 120 env " + (path.empty() ? "" : "PATH='" + path + "' ") + "'" DITMOS_BINARY "' " + arguments);
}

}  // namespace ditmos
