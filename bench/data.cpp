// Times reading, the best of some rounds: WAV files to features, without and with the cache, and windows from NPY files.
//   bench_data [ROUNDS]        the sets are looked for where ditmos datasets looks
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "core/error.hpp"
#include "data/catalogue.hpp"
#include "device/scratch.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& f) {
  const auto start = Clock::now();
  f();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void row(const std::string& what, const std::string& set, int rounds, const std::function<void()>& before) {
  if (ditmos::data::find_data(ditmos::data::find_entry(set)).empty()) {
    fmt::print("{:<44} {} is not on this machine\n", what, set);
    return;
  }
  double best = 1e9;
  std::size_t windows = 0;
  for (int i = 0; i < rounds; ++i) {
    before();
    best = std::min(best, seconds_of([&] { windows = ditmos::data::load_dataset(set, {}).size(); }));
  }
  fmt::print("{:<44} {:>7} windows {:>8.3f} s\n", what, windows, best);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 3;
    const ditmos::device::Scratch cache;
    setenv("DITMOS_CACHE", cache.path().c_str(), 1);
    const auto clear = [&] {
      for (const auto& item : std::filesystem::directory_iterator(cache.path())) std::filesystem::remove_all(item.path());
    };
    const auto nothing = [] {};
    fmt::print("{} cores, least of {} rounds\n", std::thread::hardware_concurrency(), rounds);
    row("speech-commands, WAV to MFCC, cache empty", "speech-commands", rounds, clear);
    row("speech-commands, features from the cache", "speech-commands", rounds, nothing);
    row("dsads, NPY", "dsads", rounds, nothing);
    row("fashion-mnist, IDX in gzip", "fashion-mnist", rounds, nothing);
    return 0;
  } catch (const ditmos::Error& e) {
    fmt::print(stderr, "bench_data: {}\n{}\n", e.what(), e.hint());
    return 1;
  }
}
