// int8 programs as C, compiled with gcc under the strictest flags: the same integers as the host reference, in every schedule.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "../compile/emitted.hpp"
#include "../compile/networks.hpp"
#include "compile/emit_c/c_text.hpp"
#include "compile/quantize/reference.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

constexpr std::size_t kCalibration = 8;

Int8 int8_of(const Program& program, WeightLayout layout) {
  Int8 int8;
  int8.count = kCalibration;
  int8.windows = random_window(kCalibration * static_cast<std::size_t>(program.channels * program.height * program.width), 5);
  int8.options.layout = layout;
  return int8;
}

void expect_the_reference(const Program& program, WeightLayout layout, int windows) {
  const TempFolder folder;
  std::vector<std::string> names, uppers;
  std::vector<Program> quantized;
  std::string sources;
  for (const std::string& schedule : schedule_names(program)) {
    if (schedule == "auto") continue;
    Options options;
    options.schedule = schedule;
    options.name = c_identifier("net_" + schedule);
    options.int8 = int8_of(program, layout);
    const Compilation compilation = compile(program, options);
    write_files(folder.path(), compilation.files);
    quantized.push_back(compilation.program);  // layerwise has ranges of its own for what it does not fuse
    names.push_back(options.name);
    std::string upper = options.name;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    uppers.push_back(upper);
    sources += " " + options.name + ".c";
  }
  // What a user provides for `sliced`: memory that keeps what was written.
  const std::string memory =
      "#include <string.h>\nstatic unsigned char nvm[1 << 16];\n"
      "int net_sliced_nvm_write(uint32_t offset, const void *data, uint32_t size);\n"
      "int net_sliced_nvm_read(uint32_t offset, void *data, uint32_t size);\n"
      "int net_sliced_nvm_write(uint32_t offset, const void *data, uint32_t size) { memcpy(nvm + offset, data, size); return 0; }\n"
      "int net_sliced_nvm_read(uint32_t offset, void *data, uint32_t size) { memcpy(data, nvm + offset, size); return 0; }\n";
  const bool sliced = std::find(names.begin(), names.end(), "net_sliced") != names.end();
  write_file_atomic(folder.path() / "main.c", window_driver(names, uppers) + (sliced ? memory : ""));
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  const Shell built = shell(at_folder + "gcc " + kStrictFlags + " -O0 main.c" + sources + " -lm -o run");
  ASSERT_EQ(built.code, 0) << built.output;
  const std::size_t size = static_cast<std::size_t>(program.channels * program.height * program.width);
  std::string input;
  for (int w = 0; w < windows; ++w) {
    const std::vector<float> window = random_window(size, 1000 + static_cast<std::uint64_t>(w));
    input.append(reinterpret_cast<const char*>(window.data()), window.size() * 4);
  }
  write_file_atomic(folder.path() / "windows", input);
  const Shell ran = shell(at_folder + "./run < windows");
  ASSERT_EQ(ran.code, 0) << ran.output;
  std::istringstream lines(ran.output);
  for (const std::string& name : names) {
    std::string word;
    int code = -1;
    lines >> word >> code;
    EXPECT_EQ(code, 0) << name;
  }
  std::vector<Int8Reference> references;
  for (const Program& one : quantized) references.emplace_back(one);
  for (int w = 0; w < windows; ++w) {
    const std::vector<float> window = random_window(size, 1000 + static_cast<std::uint64_t>(w));
    for (std::size_t n = 0; n < names.size(); ++n) {
      const Int8Reference::Result expected = references[n].run(window);
      int label = -2, choice = -2;
      lines >> label >> choice;
      EXPECT_EQ(label, expected.label) << names[n];
      EXPECT_EQ(choice, expected.choice) << names[n];
      for (const float logit : expected.real) {
        float found = 0;
        lines >> found;
        ASSERT_TRUE(lines);
        ASSERT_EQ(found, logit) << names[n];
      }
    }
  }
}

TEST(Int8Emission, SelectorAndClassifiersInEveryScheduleAndLayout) {
  SelectSizes sizes;
  sizes.width = 101, sizes.classifiers = 2, sizes.hidden = 19;
  const Program program = import_bundle(select_bundle(sizes), "select");
  expect_the_reference(program, WeightLayout::pairs, 4);
  expect_the_reference(program, WeightLayout::rows, 2);
}

TEST(Int8Emission, PaddedImageWithDepthwiseAndAveragePool) {
  using Ints = std::vector<std::int64_t>;
  NetworkWriter w("image", 6);
  w.input("window", {1, 2, 11, 9});
  std::string x = w.node("Relu", {w.node("Conv", {"window", w.constant({5, 2, 3, 3}, 0.3), w.constant({5}, 0.1)}, {{"pads", Ints{1, 1, 1, 1}}})});
  x = w.node("MaxPool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  x = w.node("Relu", {w.node("Conv", {x, w.constant({5, 1, 3, 3}, 0.5)}, {{"group", std::int64_t{5}}, {"pads", Ints{1, 1, 1, 1}}})});
  x = w.node("Conv", {x, w.constant({6, 5, 1, 1}, 0.5), w.constant({6}, 0.2)});
  x = w.node("AveragePool", {x}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{1, 1}}});
  w.linear(w.node("Flatten", {x}), 6 * 4 * 3, 4, "logits");
  w.output("logits", {1, 4});
  model::Bundle bundle;
  bundle.channels = 2, bundle.height = 11, bundle.width = 9;
  bundle.classes = {"a", "b", "c", "d"};
  bundle.networks.push_back(w.take());
  expect_the_reference(import_bundle(bundle, "image"), WeightLayout::pairs, 5);
}

/// DESIGN.md: bytes with the input held.
TEST(Int8Emission, PaperNetworkNeedsTheBytesThatWereDerived) {
  const Program program = import_bundle(select_bundle({}), "paper");
  std::map<std::string, std::size_t> ram;
  for (const Candidate& candidate : plan_candidates(program, {}, int8_of(program, WeightLayout::pairs))) {
    ram[candidate.schedule] = candidate.plan.arena_bytes;
    EXPECT_LE(candidate.plan.weight_bytes, 48500u) << candidate.schedule;  // 42,296 weights, 696 biases and multipliers, padding
  }
  EXPECT_LE(ram["fused"], 1792u);
  EXPECT_LE(ram["streaming"], 1424u);
  EXPECT_LE(ram["streaming-1"], 960u);
  EXPECT_LE(ram["streaming-2"], 768u);
}

}  // namespace
}  // namespace ditmos::compile
