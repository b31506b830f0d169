#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace ditmos {

/// Progress on stderr: one line rewritten in place in a terminal, a plain line every few seconds in a
/// pipe, each with the share done and an estimate of the time left. Silent when `quiet` was set.
class Progress {
 public:
  Progress(std::string title, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of total; `note` (losses, accuracies) stands at the end of the line.
  void update(std::int64_t done, const std::string& note = {});
  void finish(const std::string& note = {});

  static void set_quiet(bool quiet);

 private:
  void draw(const std::string& note, bool last);

  using Clock = std::chrono::steady_clock;
  std::string title_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  Clock::time_point start_;
  Clock::time_point drawn_;
  bool terminal_;
  bool finished_ = false;
};

/// "1 h 02 min", "3 min 20 s", "4.2 s".
std::string format_duration(double seconds);

}  // namespace ditmos
