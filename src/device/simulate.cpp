#include "device/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "device/block_counts.hpp"
#include "device/elf.hpp"
#include "device/firmware.hpp"
#include "device/process.hpp"
#include "device/resources.hpp"
#include "device/scratch.hpp"
#include "device/toolchain.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;
namespace {

void write_windows(const fs::path& file, std::span<const float> windows) {
  write_file_atomic(file, {reinterpret_cast<const char*>(windows.data()), windows.size_bytes()});
}

void check_outputs(const HarnessResults& outputs, std::span<const float> windows, std::size_t n) {
  if (n > 0 && windows.size() / n != outputs.window_values)
    throw Error(fmt::format("the windows have {} values each, the model takes {}", windows.size() / n, outputs.window_values),
                "simulate with the data set that the model was trained on");
}

/// What the firmware's exit codes mean (firmware/semihosting.h).
void check_exit(const ProcessResult& run, const CoreTarget& target, double timeout_s) {
  if (run.timed_out)
    throw Error(fmt::format("the emulated {} did not end within {:g} s", target.title, timeout_s),
                "simulate fewer windows (--limit) or allow more time (--timeout)");
  if (run.exit_code == 0) return;
  if (run.exit_code == 70) throw Error("the emitted code ran into a fault on the emulated " + target.title);
  if (run.exit_code == 71)
    throw Error(fmt::format("the emitted code needs more than {} bytes of stack on the emulated {}", target.stack_bytes,
                            target.title));
  throw Error(fmt::format("the emulator ended with {}: {}", run.exit_code, run.err.substr(0, 1000)));
}

struct Counted {
  std::vector<std::uint64_t> instructions;
  std::vector<FunctionCount> by_function;
};

/// Is this halfword the first of a 32-bit Thumb instruction? (Armv7-M ARM, A5.1)
bool is_wide(std::uint32_t half) { return (half >> 11) >= 0x1d; }

Counted count(const BlockCounts& counts, const Elf& elf) {
  Counted out;
  std::vector<std::uint64_t> total(counts.blocks.size());
  for (const auto& window : counts.windows) {
    std::uint64_t sum = 0;
    for (const auto& runs : window) {
      sum += std::uint64_t{runs.runs} * counts.blocks[runs.block].instructions;
      total[runs.block] += runs.runs;
    }
    out.instructions.push_back(sum);
  }
  std::map<std::string, std::uint64_t> functions;
  for (std::size_t i = 0; i < counts.blocks.size(); ++i) {
    if (total[i] == 0) continue;
    const Block& block = counts.blocks[i];
    const auto bytes = elf.bytes_at(block.address, block.bytes);
    for (std::size_t at = 0; at + 1 < bytes.size();) {
      const std::uint32_t half = bytes[at] | static_cast<std::uint32_t>(bytes[at + 1]) << 8;
      const Elf::Symbol* function = elf.function_at(block.address + static_cast<std::uint32_t>(at));
      functions[function ? function->name : "(unknown)"] += total[i];
      at += is_wide(half) ? 4 : 2;
    }
  }
  const double n = static_cast<double>(std::max<std::size_t>(1, counts.windows.size()));
  for (const auto& [name, sum] : functions) out.by_function.push_back({name, static_cast<double>(sum) / n, 0});
  std::stable_sort(out.by_function.begin(), out.by_function.end(),
                   [](const FunctionCount& a, const FunctionCount& b) { return a.mean_instructions > b.mean_instructions; });
  return out;
}

}  // namespace

SimulationResult simulate(const fs::path& build_folder, const Board& board, std::span<const float> windows, std::size_t n,
                          const SimulationOptions& options) {
  const EmittedModel model = find_emitted_model(build_folder);
  const CoreTarget& target = core_target(board.core);
  const std::string qemu = find_tool("qemu-system-arm").string();
  const Scratch scratch;
  const fs::path program = build_firmware(model, target, options.optimize, scratch.path());
  const Elf elf(read_file(program), "firmware.elf");
  write_windows(scratch.path() / "windows.bin", windows);
  const auto run = run_process(
      {qemu, "-machine", target.machine, "-display", "none", "-monitor", "none", "-serial", "none", "-semihosting-config",
       "enable=on,target=native", "-kernel", program.string(), "-plugin",
       fmt::format("{},call={:#x},begin={:#x},end={:#x},out=counts.bin", plugin_file().string(),
                   elf.symbol("ditmos_painted_call").address, elf.symbol(model.name + "_run").address,
                   elf.symbol("ditmos_measured_end").address)},
      {scratch.path(), options.timeout_s});
  check_exit(run, target, options.timeout_s);

  SimulationResult result;
  result.core = target.core;
  result.machine = target.machine;
  result.outputs = parse_harness_results(read_file(scratch.path() / "results.bin"), n);
  check_outputs(result.outputs, windows, n);
  const BlockCounts counts = parse_block_counts(read_file(scratch.path() / "counts.bin"));
  if (counts.windows.size() != n)
    throw Error(fmt::format("counted {} inferences, expected {}", counts.windows.size(), n));
  Counted counted = count(counts, elf);
  result.instructions = std::move(counted.instructions);
  result.by_function = std::move(counted.by_function);
  result.ram_arena = result.outputs.arena_bytes;
  result.ram_static = elf.section_size(".model_data") + elf.section_size(".model_bss") + elf.section_size(".library_data") +
                      elf.section_size(".library_bss");
  for (const std::uint32_t stack : result.outputs.stack) result.ram_stack = std::max(result.ram_stack, stack);
  result.flash_weights = elf.section_size(".model_weights");
  result.flash_code = elf.section_size(".model_code") + elf.section_size(".library") + elf.section_size(".ARM.exidx") +
                      elf.section_size(".model_data") + elf.section_size(".library_data");
  return result;
}

HarnessResults run_on_host(const fs::path& build_folder, std::span<const float> windows, std::size_t n, double timeout_s) {
  const EmittedModel model = find_emitted_model(build_folder);
  const Scratch scratch;
  const fs::path program = build_host_program(model, scratch.path());
  write_windows(scratch.path() / "windows.bin", windows);
  run_checked({program.string()}, "run the model on the host", {scratch.path(), timeout_s});
  HarnessResults outputs = parse_harness_results(read_file(scratch.path() / "results.bin"), n);
  check_outputs(outputs, windows, n);
  return outputs;
}

}  // namespace ditmos::device
