#pragma once
#include <cstdint>
#include <string>

namespace ditmos::data {

/// What a reader may be asked for. A reader ignores what its format does not have.
struct LoadOptions {
  /// Which unit stays on one side of a split, for sets that know several ("trial", "subject"); empty: the
  /// set's default, the finest unit whose windows are not independent.
  std::string group;
  /// Series of unequal length are cut, or padded with their last value, to this; 0: the longest.
  int length = 0;
  /// Longer records (EEG segments, DEAP trials) are cut into windows of this many seconds, this far apart;
  /// 0: the set's default.
  double window_seconds = 0, hop_seconds = 0;
  /// "": the set's default (speech-commands: "mfcc"), "none", "mfcc", "log-mel", "band-power".
  std::string front_end;
  /// Seed and number of windows of the synthetic set (0: its default).
  std::uint64_t seed = 1;
  int windows = 0;
  /// False: skip validate(), so that what is wrong with a set can be shown.
  bool check = true;
};

}  // namespace ditmos::data
