#pragma once
#include <filesystem>
#include <string>

namespace ditmos::device {

/// The full path of a program on $PATH. Throws Error naming the Debian package that brings it (for the programs used here:
/// arm-none-eabi-gcc, qemu-system-arm, gcc).
std::filesystem::path find_tool(const std::string& program);
/// As above with the search path given.
std::filesystem::path find_tool(const std::string& program, const std::string& search_path);

}  // namespace ditmos::device
