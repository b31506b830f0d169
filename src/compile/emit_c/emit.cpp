#include "compile/emit_c/emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "compile/emit_c/fields.hpp"
#include "compile/interpreter.hpp"
#include "compile/ops/shapes.hpp"
#include "compile/quantize/quantize.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/source_dir.hpp"

namespace ditmos::compile {
namespace {

/// The window that the emitted self-test makes from a seed, in the inside order of the first input (its loop runs over the outside
/// order): a linear congruential generator (Numerical Recipes), 24 bits scaled to [-1, 1).
std::vector<float> test_window(std::uint32_t seed, std::size_t size) {
  std::vector<float> window(size);
  for (float& value : window) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<std::int32_t>(seed >> 8)) * 1.1920929e-7f - 1.0f;
  }
  return window;
}

/// What the program answers: of integers where it is quantized.
ProgramResult answer(const Program& program, const std::vector<float>& window) {
  if (!is_quantized(program.networks.at(0))) return run_program(program, window);
  const Int8Reference::Result result = Int8Reference(program).run(window);
  return {result.label, result.choice, result.real, {result.selector.begin(), result.selector.end()}};
}

/// Distance from the largest to the second largest.
float margin(std::vector<float> values) {
  if (values.size() < 2) return 1;
  std::partial_sort(values.begin(), values.begin() + 2, values.end(), std::greater<>());
  return (values[0] - values[1]) / std::max(1e-6f, std::abs(values[0]));
}

std::string list(const std::vector<long>& values) {
  std::string text;
  for (const long value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return text;
}

/// Of this installation ($DITMOS_HOME) or of the source tree.
std::filesystem::path runtime_folder() {
  const char* home = std::getenv("DITMOS_HOME");
  return std::filesystem::path(home && *home ? home : DITMOS_SOURCE_DIR) / "runtime" / "include" / "ditmos";
}

}  // namespace

std::string emit_self_test(const Program& program, const Plan& plan, const std::string& name) {
  std::string big = name;
  for (char& c : big) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string code = fmt::format("/* What {0}_self_test expects: CRC-32 of the weight tables, and the answers to windows made from seeds. */\n#ifndef {1}_SELF_TEST_H\n#define {1}_SELF_TEST_H\n\n", name, big);
  for (const FamilyPlan& planned : plan.families) {
    std::string image;
    for (const int member : planned.family.members) image += weight_image(network_fields(planned.family, plan.networks[at(member)]));
    if (!image.empty()) {
      std::string family = planned.family.name;
      for (char& c : family) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      code += fmt::format("#define {}_{}_CRC 0x{:08X}u\n", big, family, crc32(image));
    }
  }
  if (has_window_interface(program)) {
    // Windows whose answer no rounding can change; one a classifier where they can be found.
    std::vector<long> seeds, labels, choices;
    const std::size_t size = at(program.channels) * at(program.height) * at(program.width);
    for (std::uint32_t seed = 1; seed <= 64 && seeds.size() < 4; ++seed) {
      const ProgramResult result = answer(program, test_window(seed, size));
      const bool new_choice = std::find(choices.begin(), choices.end(), result.choice) == choices.end();
      if (margin(result.logits) < 0.01f || (!result.selector.empty() && margin(result.selector) < 0.01f) || (!new_choice && seed < 48)) continue;
      seeds.push_back(seed);
      labels.push_back(result.label);
      choices.push_back(result.choice);
    }
    if (seeds.empty()) {
      const ProgramResult result = answer(program, test_window(1, size));
      seeds = {1}, labels = {result.label}, choices = {result.choice};
    }
    code += fmt::format("\n#define {}_TESTS {}\nstatic const uint32_t {}_test_seed[] = {{{}}};\nstatic const int {}_test_label[] = {{{}}};\nstatic const int {}_test_choice[] = {{{}}};\n", big, seeds.size(),
                        name, list(seeds), name, list(labels), name, list(choices));
  }
  return code + "\n#endif\n";
}

std::vector<File> emit_c(const Program& program, const Plan& plan, const std::string& name) {
  std::vector<File> files;
  files.push_back({name + ".h", emit_header(program, plan, name)});
  files.push_back({name + ".c", emit_source(program, plan, name)});
  files.push_back({name + "_self_test.h", emit_self_test(program, plan, name)});
  files.push_back({"CMakeLists.txt", fmt::format("cmake_minimum_required(VERSION 3.10)\nproject({0} C)\nadd_library({0} STATIC {0}.c)\ntarget_include_directories({0} PUBLIC ${{CMAKE_CURRENT_SOURCE_DIR}})\n"
                                                 "set_target_properties({0} PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF)\n",
                                                 name)});
  if (!std::filesystem::is_directory(runtime_folder())) throw Error("the kernel headers are missing: " + runtime_folder().string());
  std::vector<std::filesystem::path> headers;
  for (const auto& entry : std::filesystem::directory_iterator(runtime_folder()))
    if (entry.path().extension() == ".h") headers.push_back(entry.path());
  std::sort(headers.begin(), headers.end());
  for (const auto& header : headers) files.push_back({"ditmos/" + header.filename().string(), read_file(header)});
  return files;
}

}  // namespace ditmos::compile
