#include "device/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "device/block_counts.hpp"
#include "device/elf.hpp"
#include "device/firmware.hpp"
#include "device/measure.hpp"
#include "device/process.hpp"
#include "device/resources.hpp"
#include "device/scratch.hpp"
#include "device/toolchain.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;
namespace {

template <class T>
void write_as(const fs::path& file, std::span<const float> windows) {
  const std::vector<T> values(windows.begin(), windows.end());
  write_file_atomic(file, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

void write_windows(const fs::path& file, std::span<const float> windows, const EmittedModel& model) {
  if (model.entry != Entry::window && model.sample.empty())
    throw Error(model.folder.string() + " was compiled without a front end, so it takes no samples", "simulate the features");
  if (model.entry != Entry::window && model.sample == "int16") return write_as<std::int16_t>(file, windows);
  if (model.entry != Entry::window && model.sample == "uint8") return write_as<std::uint8_t>(file, windows);
  write_as<float>(file, windows);
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

/// The board's flash and caches, as the plugin takes them; nothing for a flash without wait states.
std::string flash_arguments(const Board& board, const CoreTarget& target) {
  if (board.flash_wait_states == 0) return "";
  const auto line = static_cast<std::uint64_t>(board.flash_line_bytes);
  const auto cache = [&](const char* name, std::uint64_t bytes, std::uint64_t ways) {
    const std::uint64_t lines = bytes / line;  // the small accelerators are fully associative
    return fmt::format(",{0}_lines={1},{0}_ways={2}", name, lines, lines <= 64 ? lines : ways);
  };
  return fmt::format(",flash={:#x},flash_end={:#x},line={}", target.code_origin, target.code_origin + target.code_bytes, line) +
         cache("code", board.instruction_cache_bytes, 2) + cache("data", board.data_cache_bytes, 4);
}

std::map<std::uint32_t, Instruction> disassemble(const fs::path& program) {
  ProcessOptions options;
  options.most_output = std::size_t{1} << 28;
  return parse_disassembly(run_checked({find_tool("arm-none-eabi-objdump").string(), "-d", "--no-show-raw-insn",
                                        program.string()}, "disassemble the firmware", options).out);
}

}  // namespace

FlashUse flash_use(const Elf& elf, const std::string& model) {
  FlashUse use;
  for (const auto& symbol : elf.symbols())
    if (!symbol.function && symbol.name.starts_with(model + "_") && symbol.name.ends_with("_table")) use.weights += symbol.size;
  use.constants = elf.section_size(".model_weights") + elf.section_size(".model_data") - use.weights;
  use.kernels = elf.section_size(".model_code");
  use.library = elf.section_size(".library") + elf.section_size(".ARM.exidx") + elf.section_size(".library_data");
  use.harness = elf.section_size(".vectors") + elf.section_size(".firmware") + elf.section_size(".firmware_data");
  return use;
}

FlashUse link_for(const std::vector<std::pair<std::string, std::string>>& files, const std::string& name, const std::string& core, const std::string& optimize) {
  const Scratch scratch;
  const fs::path folder = scratch.path() / "model";
  fs::create_directories(folder / "ditmos");
  for (const auto& [file, content] : files) write_file_atomic(folder / file, content);
  write_json(folder / "compile.json", {{"name", name}});
  return flash_use(Elf(read_file(build_firmware(find_emitted_model(folder), core_target(core), optimize, scratch.path())), "firmware.elf"), name);
}

SimulationResult simulate(const fs::path& build_folder, const Board& board, std::span<const float> windows, std::size_t n,
                          const SimulationOptions& options) {
  return simulate(find_emitted_model(build_folder), board, windows, n, options);
}

SimulationResult simulate(const EmittedModel& model, const Board& board, std::span<const float> windows, std::size_t n,
                          const SimulationOptions& options) {
  const CoreTarget& target = core_target(board.core);
  const std::string qemu = find_tool("qemu-system-arm").string();
  const Scratch scratch;
  const fs::path program = build_firmware(model, target, options.optimize, scratch.path(), options.sliding);
  const Elf elf(read_file(program), "firmware.elf");
  write_windows(scratch.path() / "windows.bin", windows, model);
  const auto run = run_process(
      {qemu, "-machine", target.machine, "-display", "none", "-monitor", "none", "-serial", "none", "-semihosting-config",
       "enable=on,target=native", "-kernel", program.string(), "-plugin",
       fmt::format("{},call={:#x},begin={:#x},end={:#x},out=counts.bin{}", plugin_file().string(),
                   elf.symbol("ditmos_painted_call").address, elf.symbol(model.entry == Entry::window ? model.name + "_run" : "ditmos_entry").address,
                   elf.symbol("ditmos_measured_end").address, flash_arguments(board, target))},
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
  const Measured measured = measure(counts, elf, disassemble(program), board);
  result.instructions = measured.instructions;
  result.cycles_modelled = measured.cycles;
  result.by_function = measured.by_function;
  double cycles = 0;
  for (const double window : result.cycles_modelled) cycles += window / static_cast<double>(n);
  result.ms_modelled = cycles / (board.clock_mhz * 1000);
  result.mj_modelled = result.ms_modelled * board.run_mw / 1000;
  result.ram_arena = result.outputs.arena_bytes;
  result.ram_static = elf.section_size(".model_data") + elf.section_size(".model_bss") + elf.section_size(".library_data") +
                      elf.section_size(".library_bss");
  for (const std::uint32_t stack : result.outputs.stack) result.ram_stack = std::max(result.ram_stack, stack);
  result.flash = flash_use(elf, model.name);
  if (const Elf::Symbol* store = elf.find_symbol("ditmos_harness_nvm")) result.nvm_bytes = store->size;
  for (const auto& function : result.by_function)
    if (function.name == model.name + "_nvm_write" || function.name == model.name + "_nvm_read") result.nvm_instructions += function.mean_instructions;
  return result;
}

HarnessResults run_on_host(const fs::path& build_folder, std::span<const float> windows, std::size_t n, double timeout_s, bool sliding) {
  return run_on_host(find_emitted_model(build_folder), windows, n, timeout_s, sliding);
}

HarnessResults run_on_host(const EmittedModel& model, std::span<const float> windows, std::size_t n, double timeout_s, bool sliding) {
  const Scratch scratch;
  const fs::path program = build_host_program(model, scratch.path(), sliding);
  write_windows(scratch.path() / "windows.bin", windows, model);
  run_checked({program.string()}, "run the model on the host", {scratch.path(), timeout_s});
  HarnessResults outputs = parse_harness_results(read_file(scratch.path() / "results.bin"), n);
  check_outputs(outputs, windows, n);
  return outputs;
}

}  // namespace ditmos::device
