#pragma once
#include <string>
#include <vector>

namespace ditmos::report {

/// Where the figures below were published.
inline constexpr const char* kPaperSource =
    "Ma, He, Qiao, Ma: DiTMoS: Delving into Diverse Tiny-Model Selection on Microcontrollers, PerCom 2024, arXiv 2403.09035";

/// Accuracy (share) on a window-random 80/20 split, the checkpoint chosen on the test part. NaN: not published.
struct PaperAccuracy {
  std::string method;
  double unimib, speech_commands, deap;
};
const std::vector<PaperAccuracy>& paper_accuracies();

/// UniMiB-SHAR on an STM32F767ZI (Cortex-M7 at 216 MHz) through STM32Cube.AI, float32.
struct PaperSystem {
  std::string method;
  double ram_kb, flash_kb, ms, mj;
};
const std::vector<PaperSystem>& paper_system();

/// Row names of paper_accuracies() hold for this data set: the accuracy published for `method` on `dataset`
/// ("unimib-shar", "speech-commands", "deap"; longer names that begin so count too), or NaN.
double paper_accuracy(const std::string& method, const std::string& dataset);

}  // namespace ditmos::report
