#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "device/board.hpp"
#include "device/elf.hpp"
#include "device/firmware.hpp"
#include "device/harness_results.hpp"

namespace ditmos::device {

struct SimulationOptions {
  std::string optimize = "-O3";  ///< level at which the emitted C is compiled
  double timeout_s = 600;        ///< of the emulation
  bool sliding = false;          ///< each window is the one before, a hop further on: the model gets its new columns (continuous mode)
};

/// Executed instructions of one inference, counted in the emulator from the first instruction of the model's run function to
/// its return. Failed conditional instructions count, as they take a cycle.
struct FunctionCount {
  std::string name;
  double mean_instructions = 0, mean_cycles_modelled = 0;
};

/// Bytes of the linked program, by section and symbol.
struct FlashUse {
  std::uint32_t weights = 0;    ///< the tables of weights, biases and multipliers
  std::uint32_t constants = 0;  ///< the model's other constants: test vectors, shapes
  std::uint32_t kernels = 0;    ///< the model's functions, kernels included
  std::uint32_t library = 0;    ///< what these draw from the C library
  std::uint32_t harness = 0;    ///< vectors, start-up, files, measurement: not the model's, in no total
  std::uint32_t code() const { return constants + kernels + library; }
  std::uint32_t total() const { return weights + code(); }
};
FlashUse flash_use(const Elf& elf, const std::string& model);

/// What these files (name and content; a model as emitted) become on the core, linked as for the emulator, which need not be there. Throws
/// Error as build_firmware does.
FlashUse link_for(const std::vector<std::pair<std::string, std::string>>& files, const std::string& name, const std::string& core, const std::string& optimize = "-O3");

struct SimulationResult {
  std::string core, machine;
  HarnessResults outputs;
  std::vector<std::uint64_t> instructions;   ///< a window each, exact
  std::vector<double> cycles_modelled;       ///< a window each, by docs/CYCLES.md
  std::vector<FunctionCount> by_function;    ///< largest first
  std::uint32_t ram_arena = 0, ram_static = 0, ram_stack = 0;  ///< bytes; static: .data and .bss of model and libraries
  FlashUse flash;
  std::uint32_t nvm_bytes = 0;     ///< of the simulated non-volatile memory (schedule `sliced`); no RAM of the model
  double nvm_instructions = 0;     ///< mean of a window, spent in its two functions; part of `instructions`
  std::uint32_t ram_total() const { return ram_arena + ram_static + ram_stack; }
  double ms_modelled = 0, mj_modelled = 0;   ///< mean of a window on the board
};

/// Compiles the emitted C of a build folder for the board's core, runs it in QEMU on every window (windows: n x C x H x W
/// float32, row-major; from samples: whole numbers in their type's range where that is no float) and measures. Leaves no files behind. Throws Error: no toolchain or emulator (with the Debian
/// package), C that does not compile or fit, a window size other than the model's, a fault, a stack overflow, a time-out.
SimulationResult simulate(const std::filesystem::path& build_folder, const Board& board, std::span<const float> windows,
                          std::size_t n, const SimulationOptions& options = {});
SimulationResult simulate(const EmittedModel& model, const Board& board, std::span<const float> windows, std::size_t n,
                          const SimulationOptions& options = {});

/// The same emitted C and harness, compiled and run on the host.
HarnessResults run_on_host(const std::filesystem::path& build_folder, std::span<const float> windows, std::size_t n,
                           double timeout_s = 600, bool sliding = false);
HarnessResults run_on_host(const EmittedModel& model, std::span<const float> windows, std::size_t n, double timeout_s = 600,
                           bool sliding = false);

}  // namespace ditmos::device
