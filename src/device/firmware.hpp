#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "device/core_target.hpp"

namespace ditmos::device {

/// Emitted C as a build folder holds it: every *.c of the folder's top, with the folder on the include path.
struct EmittedModel {
  std::filesystem::path folder;
  std::string name = "ditmos_model";  ///< prefix of its functions and name of its header
};

/// The model of a build folder; its name from compile.json. Throws Error when the folder, the header or a source is absent.
EmittedModel find_emitted_model(const std::filesystem::path& folder);

/// Compiles the model, the harness and the start-up code for the core and links `scratch`/firmware.elf; returns its path.
/// `optimize`: the compiler's level for the model, "-O2". Throws Error with the compiler's first lines.
std::filesystem::path build_firmware(const EmittedModel& model, const CoreTarget& target, const std::string& optimize,
                                     const std::filesystem::path& scratch);

/// The same model and harness for the host (gcc, no vector extensions, no contraction of a*b+c); returns the program.
std::filesystem::path build_host_program(const EmittedModel& model, const std::filesystem::path& scratch);

}  // namespace ditmos::device
