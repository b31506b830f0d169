// Emitted C, compiled with gcc under the strictest flags and run beside the interpreter.
#include <gtest/gtest.h>

#include "compile/interpreter.hpp"
#include "compile/schedule/nvm_cost.hpp"
#include "core/error.hpp"
#include "emitted.hpp"
#include "networks.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

/// Label, choice and logits of every schedule are the interpreter's.
void expect_all_schedules_agree(const Program& program, int windows, const std::string& core = {}) {
  run_every_schedule(
      program, windows, "-O0", [&](Options& options) { options.core = core; },
      [&](const Compilation&, const std::vector<float>& window, const EmittedAnswer& answer) {
        const ProgramResult expected = run_program(program, window);
        EXPECT_EQ(answer.label, expected.label);
        EXPECT_EQ(answer.choice, expected.choice);
        float largest = 0;
        for (const float logit : expected.logits) largest = std::max(largest, std::abs(logit));
        for (std::size_t i = 0; i < expected.logits.size(); ++i) ASSERT_NEAR(answer.logits[i], expected.logits[i], 1e-5f * largest);
      });
}

TEST(Emit, PaperNetworkInEverySchedule) { expect_all_schedules_agree(import_bundle(select_bundle({}), "paper"), 8); }

/// Of a Cortex-M4 the weights lie channel by channel where a schedule makes whole maps.
TEST(Emit, WeightsChannelByChannelInEverySchedule) {
  SelectSizes sizes;
  sizes.width = 90, sizes.classes = 4, sizes.classifiers = 2, sizes.hidden = 8;
  expect_all_schedules_agree(import_bundle(select_bundle(sizes), "small"), 4, "cortex-m4");
}

/// DESIGN.md: bytes with the input held.
TEST(Emit, PaperNetworkNeedsTheBytesThatWereDerived) {
  const std::vector<Candidate> candidates = plan_candidates(import_bundle(select_bundle({}), "paper"), {});
  std::map<std::string, std::pair<std::size_t, std::int64_t>> found;
  for (const Candidate& candidate : candidates) {
    found[candidate.schedule] = {candidate.plan.arena_bytes, candidate.plan.macs};
    EXPECT_EQ(candidate.plan.weight_bytes, 42992u * 4);  // 167.9 KiB
    EXPECT_EQ(candidate.plan.arena_bytes, lower_bound_bytes(candidate.plan.buffers)) << candidate.schedule;
    if (candidate.schedule != "sliced") continue;
    const NvmCost cost = nvm_cost(candidate.plan);
    EXPECT_EQ(cost.bytes, 3136u);
    EXPECT_NEAR(cost.write_ms, 12.5, 0.2);  // PAPER.md, "Derived"; the ring's headers come on top
  }
  EXPECT_EQ(found["fused"], (std::pair<std::size_t, std::int64_t>{7124, 222928}));
  EXPECT_LE(found["streaming"].first, 5732u);
  EXPECT_EQ(found["streaming"].second, 222928);
  EXPECT_LE(found["streaming-1"].first, 3940u);
  EXPECT_LE(found["streaming-2"].first, 3172u);
  EXPECT_LT(found["fused"].first, found["layerwise"].first);
  EXPECT_EQ(found["sliced"], (std::pair<std::size_t, std::int64_t>{5312, 222928}));  // below the paper's 6,196: its convolutions do not pool
}

model::Bundle as_single(model::Graph network, int channels, int height, int width, int classes) {
  model::Bundle bundle;
  bundle.channels = channels;
  bundle.height = height;
  bundle.width = width;
  for (int c = 0; c < classes; ++c) bundle.classes.push_back(std::to_string(c));
  bundle.networks.push_back(std::move(network));
  return bundle;
}

TEST(Emit, PaddedStridedSeriesInEverySchedule) {
  using Ints = std::vector<std::int64_t>;
  NetworkWriter w("padded", 5);
  w.input("window", {1, 3, 40});
  std::string x = w.block(w.batch_norm("window", 3), 3, 5, 7, 2, "", 3);
  x = w.node("Conv", {x, w.constant({5, 1, 3}, 0.5), w.constant({5}, 0.1)}, {{"group", std::int64_t{5}}, {"pads", Ints{1, 1}}});
  x = w.node("Clip", {x, w.constant({}, 0, -0.4), w.constant({}, 0, 0.9)});
  x = w.node("Conv", {x, w.constant({6, 5, 4}, 0.3)}, {{"strides", Ints{2}}, {"pads", Ints{1, 2}}});
  x = w.block(x, 6, 4, 3, 1, "", 1);
  x = w.node("GlobalAveragePool", {x});
  w.linear(w.node("Flatten", {x}), 4, 3, "logits");
  w.output("logits", {1, 3});
  expect_all_schedules_agree(import_bundle(as_single(w.take(), 3, 1, 40, 3), "padded"), 5);
}

TEST(Emit, ImageInEverySchedule) {
  using Ints = std::vector<std::int64_t>;
  NetworkWriter w("image", 6);
  w.input("window", {1, 2, 11, 9});
  std::string x = w.node("Relu", {w.node("Conv", {"window", w.constant({4, 2, 3, 3}, 0.3), w.constant({4}, 0.1)}, {{"pads", Ints{1, 1, 1, 1}}})});
  x = w.node("MaxPool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  x = w.node("Relu", {w.node("Conv", {x, w.constant({4, 1, 3, 3}, 0.5)}, {{"group", std::int64_t{4}}, {"pads", Ints{1, 1, 1, 1}}})});
  x = w.node("Conv", {x, w.constant({6, 4, 1, 1}, 0.5), w.constant({6}, 0.2)});
  x = w.node("AveragePool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{1, 1}}});
  w.linear(w.node("Flatten", {x}), 6 * 4 * 3, 4, "logits");
  w.output("logits", {1, 4});
  expect_all_schedules_agree(import_bundle(as_single(w.take(), 2, 11, 9, 4), "image"), 5);
}

TEST(Emit, AverageOfTwoShapesInEverySchedule) {
  SelectSizes small;
  small.maps = false;
  small.classes = 5;
  small.width = 60;
  small.classifiers = 5;
  model::Bundle bundle = as_single(selector_graph(small, 1), 3, 1, 60, 5);
  bundle.networks[0].name = "member";
  bundle.networks.push_back(selector_graph(small, 2));
  small.filters[0] = 6;
  bundle.networks.push_back(selector_graph(small, 3));
  bundle.combine = model::Combine::average;
  expect_all_schedules_agree(import_bundle(bundle, "average"), 4);
}

TEST(Emit, SelectorOverClassifiersOfTwoShapes) {
  SelectSizes sizes;
  sizes.width = 70;
  sizes.classes = 4;
  sizes.classifiers = 3;
  model::Bundle bundle = select_bundle(sizes);
  sizes.filters[2] = 7;
  sizes.hidden = 12;
  bundle.networks[2] = classifier_graph(sizes, 77);
  const Program program = import_bundle(bundle, "mixed");
  EXPECT_EQ(plan_candidates(program, {})[0].plan.families.size(), 3u);
  expect_all_schedules_agree(program, 10);
}

TEST(Emit, CleanUnderClangAndCppcheck) {
  const TempFolder folder;
  Options options;
  options.schedule = "streaming-1";
  SelectSizes sizes;  // few weights: cppcheck takes its time over long tables
  sizes.hidden = 4;
  sizes.classifiers = 2;
  write_files(folder.path(), compile(import_bundle(select_bundle(sizes), "small"), options).files);
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  if (shell("clang --version").code == 0) {
    const Shell clang = shell(at_folder + "clang " + kStrictFlags + " -fsyntax-only ditmos_model.c");
    EXPECT_EQ(clang.code, 0) << clang.output;
  }
  if (shell("clang --version").code == 0 && std::filesystem::exists("/usr/lib/arm-none-eabi/include/math.h")) {  // newlib's headers know RISC-V too
    const Shell riscv = shell(at_folder + "clang --target=riscv32-unknown-elf -march=rv32imac -mabi=ilp32 -O2 -Wno-pass-failed -isystem /usr/lib/arm-none-eabi/include " + kStrictFlags + " -c ditmos_model.c -o riscv.o");
    EXPECT_EQ(riscv.code, 0) << riscv.output;
  }
  if (shell("cppcheck --version").code == 0) {
    const Shell check = shell(at_folder + "cppcheck --error-exitcode=3 --max-configs=1 -DDITMOS_PLAIN -D__GNUC__=12 --enable=warning,performance,portability --inline-suppr --std=c99 -q -I . ditmos_model.c");
    EXPECT_EQ(check.code, 0) << check.output;
  }
}

TEST(Emit, DamagedWeightsAreFoundByTheSelfTest) {
  const TempFolder folder;
  Options options;
  std::vector<File> files = compile(import_bundle(select_bundle({}), "paper"), options).files;
  for (File& file : files)
    if (file.name == "ditmos_model_self_test.h") {
      const std::size_t digits = file.content.find("_CRC 0x") + 7;
      file.content[digits] = file.content[digits] == '1' ? '2' : '1';
    }
  write_files(folder.path(), files);
  write_file_atomic(folder.path() / "main.c", "#include \"ditmos_model.h\"\nstatic union { double a; unsigned char b[DITMOS_MODEL_ARENA_BYTES]; } arena;\nint main(void) { return ditmos_model_self_test(arena.b); }\n");
  EXPECT_EQ(shell("cd " + folder.path().string() + " && gcc -std=c99 -O1 main.c ditmos_model.c -lm -o run && ./run; echo code $?").output, "code 1\n");
}

TEST(Compile, SameInputSameBytes) {
  const Program program = import_bundle(select_bundle({}), "paper");
  const auto a = compile(program, {}).files, b = compile(program, {}).files;
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].content, b[i].content) << a[i].name;
}

TEST(Compile, AutoTakesTheFastestThatFits) {
  const Program program = import_bundle(select_bundle({}), "paper");
  const auto schedule_within = [&](std::size_t ram) {
    Options options;
    options.budget.ram = ram;
    return compile(program, options).schedule;
  };
  EXPECT_EQ(schedule_within(100000), "fused");
  EXPECT_EQ(schedule_within(7123), "streaming");
  EXPECT_EQ(schedule_within(4000), "streaming-1");
  EXPECT_EQ(schedule_within(3200), "streaming-2");
}

TEST(Compile, SaysByHowMuchNothingFits) {
  const Program program = import_bundle(select_bundle({}), "paper");
  const auto message = [&](const Options& options) -> std::string {
    try {
      compile(program, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  Options options;
  options.budget.ram = 2000;
  EXPECT_NE(message(options).find("more than the 2000 allowed; the largest buffer is window with 1812 bytes"), std::string::npos) << message(options);
  options = {};
  options.budget.flash = 100000;
  EXPECT_NE(message(options).find("84256 more than the 100000 allowed"), std::string::npos) << message(options);
  options = {};
  options.budget.latency_ms = 1;
  options.budget.macs_per_ms = 100000;
  EXPECT_NE(message(options).find("2.23 ms (modelled)"), std::string::npos) << message(options);
  options = {};
  options.schedule = "layerwize";
  EXPECT_NE(message(options).find("no schedule \"layerwize\""), std::string::npos) << message(options);
  options.schedule = "sliced";
  options.budget.ram = 5311;
  EXPECT_NE(message(options).find("1 more than the 5311 allowed"), std::string::npos) << message(options);
  options = {};
  options.name = "2nd";
  EXPECT_NE(message(options).find("no C identifier"), std::string::npos) << message(options);
}

}  // namespace
}  // namespace ditmos::compile
