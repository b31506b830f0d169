#pragma once
#include <filesystem>

namespace ditmos::device {

/// The folder that holds boards/ and firmware/: $DITMOS_HOME, or the source tree.
std::filesystem::path resource_folder();
/// The counting plugin for QEMU, built beside the library. Throws Error when it is absent.
std::filesystem::path plugin_file();

}  // namespace ditmos::device
