#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "device/core_target.hpp"

namespace ditmos::device {

/// What is fed and measured: windows and the run; the front end's samples and both; samples and the front end alone.
enum class Entry { window, samples, front_end };

/// C with the emitted model's interface.
struct EmittedModel {
  std::filesystem::path folder;       ///< on the include path
  std::string name = "ditmos_model";  ///< prefix of its functions and name of its header
  std::vector<std::filesystem::path> sources;
  std::vector<std::string> flags;     ///< more of the compiler, as other libraries need them
  std::string sample;                 ///< of the front end: "int16", "uint8", "float32"; empty: it has none
  Entry entry = Entry::window;
};

/// The model of a build folder: every *.c of its top; its name from compile.json. Throws Error when the folder, the header or a source is absent.
EmittedModel find_emitted_model(const std::filesystem::path& folder);

/// Compiles the model, the harness and the start-up code for the core and links `scratch`/firmware.elf; returns its path.
/// `optimize`: the compiler's level for the model, "-O2". `sliding`: the harness feeds a model of continuous mode hop by hop. Throws Error with the compiler's first lines.
std::filesystem::path build_firmware(const EmittedModel& model, const CoreTarget& target, const std::string& optimize,
                                     const std::filesystem::path& scratch, bool sliding = false);

/// The same model and harness for the host (gcc, no vector extensions, no contraction of a*b+c); returns the program.
std::filesystem::path build_host_program(const EmittedModel& model, const std::filesystem::path& scratch, bool sliding = false);

}  // namespace ditmos::device
