#include "device/toolchain.hpp"

#include <unistd.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "core/error.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;

fs::path find_tool(const std::string& program) {
  const char* path = std::getenv("PATH");
  return find_tool(program, path ? path : "");
}

fs::path find_tool(const std::string& program, const std::string& search_path) {
  std::istringstream folders(search_path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (folder.empty()) continue;
    const fs::path candidate = fs::path(folder) / program;
    std::error_code code;
    if (fs::is_regular_file(candidate, code) && ::access(candidate.c_str(), X_OK) == 0) return fs::absolute(candidate);
  }
  static const std::map<std::string, std::string> packages = {
      {"arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi"},
      {"arm-none-eabi-objdump", "binutils-arm-none-eabi"},
      {"qemu-system-arm", "qemu-system-arm"},
      {"gcc", "gcc"}};
  const auto package = packages.find(program);
  throw Error(program + " is not installed",
              package == packages.end() ? "install it, or put its folder on PATH"
                                        : "on Debian: apt-get install " + package->second);
}

}  // namespace ditmos::device
