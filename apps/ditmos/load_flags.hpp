#pragma once
#include <CLI/CLI.hpp>

#include "data/load_options.hpp"

namespace ditmos::cli {

/// The flags of how a data set is read, for every verb that reads one.
inline void add_load_flags(CLI::App& verb, data::LoadOptions& options) {
  verb.add_option("--group", options.group, "Which unit stays on one side of a split, where the set knows several (trial, subject).")
      ->group("Reading");
  verb.add_option("--front-end", options.front_end, "Features (docs/DATA.md): none, mfcc, log-mel (sound), band-power, compand:K (EEG), magnitude, normalize.")->group("Reading");
  verb.add_option("--length", options.length, "Cut or pad series of unequal length to this many samples.")
      ->check(CLI::Range(1, 10'000'000))->group("Reading");
  verb.add_option("--window", options.window_seconds, "Seconds a window, where recordings are cut into windows.")
      ->check(CLI::PositiveNumber)->group("Reading");
  verb.add_option("--hop", options.hop_seconds, "Seconds from one window to the next.")->check(CLI::PositiveNumber)->group("Reading");
}

}  // namespace ditmos::cli
