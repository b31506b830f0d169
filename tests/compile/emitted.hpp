#pragma once
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "compile/compile.hpp"
#include "core/file.hpp"

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

}  // namespace ditmos::compile
