#include "core/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace ditmos {
namespace {
bool quiet_everywhere = false;
constexpr double terminal_period = 0.1, pipe_period = 10.0;  // seconds between two drawings
}  // namespace

std::string format_duration(double seconds) {
  char text[48];
  if (seconds < 60)
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  else if (seconds < 3600)
    std::snprintf(text, sizeof text, "%d min %02d s", static_cast<int>(seconds) / 60, static_cast<int>(seconds) % 60);
  else
    std::snprintf(text, sizeof text, "%d h %02d min", static_cast<int>(seconds) / 3600,
                  static_cast<int>(seconds) / 60 % 60);
  return text;
}

void Progress::set_quiet(bool quiet) { quiet_everywhere = quiet; }

Progress::Progress(std::string title, std::int64_t total)
    : title_(std::move(title)), total_(std::max<std::int64_t>(total, 1)), start_(Clock::now()), drawn_(start_),
      terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (!finished_ && terminal_ && !quiet_everywhere && done_ > 0) std::fputc('\n', stderr);
}

void Progress::update(std::int64_t done, const std::string& note) {
  done_ = done;
  const auto now = Clock::now();
  if (std::chrono::duration<double>(now - drawn_).count() < (terminal_ ? terminal_period : pipe_period)) return;
  drawn_ = now;
  draw(note, false);
}

void Progress::finish(const std::string& note) {
  if (finished_) return;
  done_ = total_;
  draw(note, true);
  finished_ = true;
}

void Progress::draw(const std::string& note, bool last) {
  if (quiet_everywhere) return;
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double share = std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0);
  const std::string time = last ? format_duration(elapsed)
                                : share > 0 ? format_duration(elapsed * (1 - share) / share) + " left" : "";
  if (terminal_) {
    const int width = 24, filled = static_cast<int>(share * width);
    std::string bar(static_cast<std::size_t>(filled), '#');
    bar.resize(static_cast<std::size_t>(width), '.');
    std::fprintf(stderr, "\r\033[K%s [%s] %3.0f%%  %s  %s%s", title_.c_str(), bar.c_str(), share * 100, time.c_str(),
                 note.c_str(), last ? "\n" : "");
  } else {
    std::fprintf(stderr, "%s: %.0f%%, %s%s%s\n", title_.c_str(), share * 100, time.c_str(), note.empty() ? "" : ", ",
                 note.c_str());
  }
  std::fflush(stderr);
}

}  // namespace ditmos
