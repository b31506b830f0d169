#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "compile/compile.hpp"
#include "compile/emit_c/c_text.hpp"
#include "core/file.hpp"
#include "networks.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {

/// The command's output (stdout and stderr) and exit code.
struct Shell {
  int code = -1;
  std::string output;
};

inline Shell shell(const std::string& command) {
  Shell result;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return result;
  std::array<char, 4096> chunk;
  for (std::size_t n; (n = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) result.output.append(chunk.data(), n);
  result.code = ::pclose(pipe);
  return result;
}

inline const char* const kStrictFlags = "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -ffp-contract=off";

inline void write_files(const std::filesystem::path& folder, const std::vector<File>& files) {
  for (const File& file : files) write_file_atomic(folder / file.name, file.content);
}

/// A main() that reads float windows from stdin and writes the answers of several compiled models in turn: for each window and each model
/// label, choice and logits, as text. Prints "self_test <code>" for each model first.
inline std::string window_driver(const std::vector<std::string>& names, const std::vector<std::string>& uppers) {
  std::string code = "#include <stdio.h>\n";
  for (const auto& name : names) code += "#include \"" + name + ".h\"\n";
  code += "static union { unsigned char bytes[1 << 20]; double align; } memory;\nstatic float window[1 << 16], logits[1 << 12];\nint main(void) {\n";
  for (const auto& name : names) code += "  printf(\"self_test %d\\n\", " + name + "_self_test(memory.bytes));\n";
  const std::string& first = uppers[0];
  code += "  while (fread(window, sizeof(float), " + first + "_CHANNELS * " + first + "_HEIGHT * " + first + "_WIDTH, stdin) > 0) {\n";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string &n = names[i], &u = uppers[i];
    code += "    for (int k = 0; k < " + u + "_ARENA_BYTES + 64; k++) memory.bytes[k] = 0xA5;\n";
    code += "    " + n + "_set_input(memory.bytes, window);\n    { const int label = " + n + "_run(memory.bytes);\n";
    code += "      printf(\"%d %d\", label, " + n + "_choice(memory.bytes)); }\n    " + n + "_get_logits(memory.bytes, logits);\n";
    code += "    for (int k = 0; k < " + u + "_CLASSES; k++) printf(\" %.9g\", (double)logits[k]);\n    printf(\"\\n\");\n";
    code += "    for (int k = 0; k < 64; k++) if (memory.bytes[" + u + "_ARENA_BYTES + k] != 0xA5) return 9;\n";
  }
  return code + "  }\n  return 0;\n}\n";
}

/// What a model answered to one window.
struct EmittedAnswer {
  int label = -2, choice = -2;
  std::vector<float> logits;
};

/// Compiles `program` in every schedule (`adjust` may change the options), links all into one program under the strictest flags, with memory
/// for `sliced`, runs `windows` random windows, and calls check(compilation, window, answer) for each window and schedule. No byte beyond
/// an arena changes and every self-test passes.
template <class Adjust, class Check>
void run_every_schedule(const Program& program, int windows, const std::string& flags, Adjust adjust, Check check) {
  const TempFolder folder;
  std::vector<std::string> names, uppers;
  std::vector<Compilation> compilations;
  std::string sources;
  for (const std::string& schedule : schedule_names(program)) {
    if (schedule == "auto") continue;
    Options options;
    options.schedule = schedule;
    options.name = c_identifier("net_" + schedule);
    adjust(options);
    compilations.push_back(compile(program, options));
    write_files(folder.path(), compilations.back().files);
    names.push_back(options.name);
    std::string upper = options.name;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    uppers.push_back(upper);
    sources += " " + options.name + ".c";
  }
  // What a user provides for `sliced`: memory that keeps what was written.
  const std::string memory =
      "#include <string.h>\nstatic unsigned char nvm[1 << 16];\n"
      "int net_sliced_nvm_write(uint32_t offset, const void *data, uint32_t size) { memcpy(nvm + offset, data, size); return 0; }\n"
      "int net_sliced_nvm_read(uint32_t offset, void *data, uint32_t size) { memcpy(data, nvm + offset, size); return 0; }\n";
  const bool sliced = std::find(names.begin(), names.end(), "net_sliced") != names.end();
  write_file_atomic(folder.path() / "main.c", window_driver(names, uppers) + (sliced ? memory : ""));
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  const Shell built = shell(at_folder + "gcc " + kStrictFlags + " " + flags + " main.c" + sources + " -lm -o run");
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
  for (int w = 0; w < windows; ++w) {
    const std::vector<float> window = random_window(size, 1000 + static_cast<std::uint64_t>(w));
    for (const Compilation& compilation : compilations) {
      SCOPED_TRACE(compilation.schedule);
      EmittedAnswer answer;
      answer.logits.resize(program.classes.size());
      lines >> answer.label >> answer.choice;
      for (float& logit : answer.logits) lines >> logit;
      ASSERT_TRUE(lines);
      check(compilation, window, answer);
    }
  }
}

}  // namespace ditmos::compile
