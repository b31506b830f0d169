// Emitted programs on emulated chips: the plan's bytes are the linked program's, and the answers are the host's.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>

#include "../compile/emitted.hpp"
#include "../compile/networks.hpp"
#include "compile/quantize/kernel_arguments.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "device/core_target.hpp"
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

/// A selector and classifiers of sizes drawn from `random`.
Program generated(Random& random) {
  const auto draw = [&](int low, int high) { return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1))); };
  SelectSizes sizes;
  sizes.channels = draw(1, 6);
  sizes.width = draw(70, 180);
  for (int& filters : sizes.filters) filters = draw(1, 12);
  for (int& kernel : sizes.kernels) kernel = draw(2, 9);
  sizes.hidden = draw(3, 30);
  sizes.classes = draw(2, 12);
  sizes.classifiers = draw(2, 4);
  return import_bundle(select_bundle(sizes, 1 + random.below(1000)), "generated");
}

std::vector<std::pair<std::string, std::string>> named(const std::vector<File>& files) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const File& file : files) out.emplace_back(file.name, file.content);
  return out;
}

/// Links generated networks and holds the plan to the linked program: arena and tables to the byte, nothing in static RAM.
void expect_planned_bytes(std::uint64_t seed, int networks, const std::string& optimize) {
  Random random(seed);
  for (int i = 0; i < networks; ++i) {
    const Program program = generated(random);
    const std::vector<std::string> cores = device::core_names(), schedules = schedule_names(program);
    const std::string core = cores[random.below(cores.size())], schedule = schedules[random.below(schedules.size())];
    const bool int8 = random.below(2) == 1;
    Options options = options_for(schedule, int8, program, weight_layout_for(core));
    options.core = core;
    const Compilation compilation = compile(program, options);
    SCOPED_TRACE(fmt::format("network {} of seed {}: {} {} {}", i, seed, core, compilation.schedule, int8 ? "int8" : "float32"));
    const device::FlashUse flash = device::link_for(named(compilation.files), "ditmos_model", core, optimize);
    EXPECT_EQ(flash.weights, compilation.plan.weight_bytes);
    EXPECT_GT(flash.kernels, 400u);
    EXPECT_NE(compilation.files[0].content.find(fmt::format("#define DITMOS_MODEL_ARENA_BYTES {}\n", compilation.plan.arena_bytes)), std::string::npos);
  }
}

TEST(Planned, BytesAreThoseOfTheLinkedProgram) { expect_planned_bytes(1, 3, "-O1"); }
TEST(PlannedSlow, BytesOfDozensOfNetworks) { expect_planned_bytes(2, 48, "-O1"); }

/// What compile says that the code takes is what the simulator then finds; and the budget is held to it.
TEST(Planned, CodeIsMeasuredBeforeTheChip) {
  const Program program = small_select();
  Options options = options_for("fused", true, program);
  options.measure_code = [](const std::vector<File>& files) { return device::link_for(named(files), "ditmos_model", "cortex-m7").code(); };
  const OnChip run = run_on_chip(program, options, "cortex-m7", 1);
  ASSERT_TRUE(run.compilation.code.has_value());
  EXPECT_EQ(*run.compilation.code, run.chip.flash.code());
  const std::size_t total = run.chip.flash.total();
  options.core = "cortex-m7";
  const std::size_t code = *run.compilation.code;
  options.measure_code = [code](const std::vector<File>&) { return code; };
  options.budget.flash = total;
  EXPECT_NO_THROW(compile(program, options));
  options.budget.flash = total - 1;
  try {
    compile(program, options);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(fmt::format("1 more than the {} allowed", total - 1)), std::string::npos) << error.what();
  }
}

/// Hop by hop, on the chip: same labels and logits as the host's, in fewer instructions than whole windows.
TEST(Emulated, ContinuousModeOnTheChip) {
  const Program program = small_select();
  const TempFolder folder;
  Options options = options_for("auto", true, program);
  options.hop = 8;
  options.core = "cortex-m4";
  const Compilation compilation = compile(program, options);
  write_files(folder.path(), compilation.files);
  write_file_atomic(folder.path() / "compile.json", "{\"name\": \"ditmos_model\"}\n");
  const std::size_t channels = static_cast<std::size_t>(program.channels), width = static_cast<std::size_t>(program.width), windows = 4;
  const std::vector<float> series = random_window(channels * (width + 8 * windows), 6);
  std::vector<float> input;
  for (std::size_t w = 0; w < windows; ++w)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < width; ++i) input.push_back(series[c * (width + 8 * windows) + 8 * w + i]);
  device::SimulationOptions sliding;
  sliding.sliding = true;
  const device::SimulationResult chip = device::simulate(folder.path(), board_of("cortex-m4"), input, windows, sliding);
  const device::HarnessResults whole = device::run_on_host(folder.path(), input, windows);
  EXPECT_EQ(chip.outputs.labels, whole.labels);
  EXPECT_EQ(chip.outputs.choices, whole.choices);
  EXPECT_EQ(chip.outputs.logits, whole.logits);
  EXPECT_LT(*std::min_element(chip.instructions.begin() + 1, chip.instructions.end()), chip.instructions[0] * 3 / 4);
}

/// The harness gives `sliced` a store that is not the model's RAM.
TEST(Emulated, SlicedRunsWithASimulatedStore) {
  const Program program = small_select();
  const OnChip run = run_on_chip(program, options_for("sliced", true, program), "cortex-m7", 2);
  const ParkedMap& last = run.compilation.plan.parked.back();
  EXPECT_EQ(run.chip.nvm_bytes, last.offset + last.size);
  EXPECT_GT(run.chip.nvm_instructions, static_cast<double>(run.chip.nvm_bytes));
}

/// Padding keeps the input norm a layer of its own, with three weights of one byte: the tables behind them still begin at multiples of four, where the
/// kernels of the DSP extension load two words at once.
TEST(Emulated, WeightsBehindALayerOfThreeBytesAreAligned) {
  NetworkWriter w("network", 3);
  w.input("window", {1, 3, 40});
  std::string x = w.batch_norm("window", 3);
  x = w.block(x, 3, 5, 9, 2, {}, 1);
  x = w.block(x, 5, 8, 5, 1, {}, 1);
  w.head(x, 8 * 15, 9, 4);
  model::Bundle bundle;
  bundle.method = "single";
  bundle.combine = model::Combine::single;
  bundle.channels = 3;
  bundle.width = 40;
  bundle.classes = {"a", "b", "c", "d"};
  bundle.networks.push_back(w.take());
  const Program program = import_bundle(bundle, "padded");
  for (const char* schedule : {"layerwise", "fused", "streaming"}) run_on_chip(program, options_for(schedule, true, program), "cortex-m7", 2);
}

}  // namespace
}  // namespace ditmos::compile
