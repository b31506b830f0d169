// Emitted programs on emulated chips: the plan's bytes are the linked program's, and the answers are the host's.
#include <gtest/gtest.h>

#include "../compile/emitted.hpp"
#include "../compile/networks.hpp"
#include "device/simulate.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

device::Board board_of(const std::string& core) {
  device::Board board = device::find_board("nucleo-f767zi");
  board.core = core;
  return board;
}

struct OnChip {
  Compilation compilation;
  device::SimulationResult chip;
};

/// Compiles for a core, runs `windows` random windows there and on the host, and holds the one to the other.
OnChip run_on_chip(const Program& program, Options options, const std::string& core, std::size_t windows) {
  const TempFolder folder;
  options.core = core;
  OnChip out{compile(program, options), {}};
  write_files(folder.path(), out.compilation.files);
  write_file_atomic(folder.path() / "compile.json", "{\"name\": \"ditmos_model\"}\n");
  const std::size_t size = static_cast<std::size_t>(program.channels * program.height * program.width);
  const std::vector<float> input = random_window(windows * size, 4);
  out.chip = device::simulate(folder.path(), board_of(core), input, windows);
  const device::HarnessResults host = device::run_on_host(folder.path(), input, windows);
  EXPECT_EQ(out.chip.outputs.self_test, 0);
  EXPECT_EQ(out.chip.outputs.labels, host.labels);
  EXPECT_EQ(out.chip.outputs.choices, host.choices);
  for (std::size_t i = 0; i < host.logits.size(); ++i) {
    if (options.int8) EXPECT_EQ(out.chip.outputs.logits[i], host.logits[i]);
    else EXPECT_NEAR(out.chip.outputs.logits[i], host.logits[i], 1e-4f);
  }
  EXPECT_EQ(out.chip.ram_arena, out.compilation.plan.arena_bytes);
  EXPECT_EQ(out.chip.ram_static, 0u);
  EXPECT_EQ(out.chip.flash.weights, out.compilation.plan.weight_bytes);
  return out;
}

Options options_for(const std::string& schedule, bool int8, const Program& program, WeightLayout layout = WeightLayout::pairs) {
  Options options;
  options.schedule = schedule;
  if (int8) {
    options.int8.emplace();
    options.int8->count = 4;
    options.int8->windows = random_window(4 * static_cast<std::size_t>(program.channels * program.height * program.width), 5);
    options.int8->options.layout = layout;
  }
  return options;
}

Program small_select() {
  SelectSizes sizes;
  sizes.width = 60, sizes.classifiers = 2, sizes.hidden = 8, sizes.classes = 5;
  return import_bundle(select_bundle(sizes), "small");
}

/// The harness gives `sliced` a store that is not the model's RAM.
TEST(Emulated, SlicedRunsWithASimulatedStore) {
  const Program program = small_select();
  const OnChip run = run_on_chip(program, options_for("sliced", true, program), "cortex-m7", 2);
  const ParkedMap& last = run.compilation.plan.parked.back();
  EXPECT_EQ(run.chip.nvm_bytes, last.offset + last.size);
  EXPECT_GT(run.chip.nvm_instructions, static_cast<double>(run.chip.nvm_bytes));
}

}  // namespace
}  // namespace ditmos::compile
