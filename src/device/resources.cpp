#include "device/resources.hpp"

#include <cstdlib>

#include "core/error.hpp"
#include "device/plugin_file.hpp"
#include "core/source_dir.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;

fs::path resource_folder() {
  const char* home = std::getenv("DITMOS_HOME");
  return home && *home ? fs::path(home) : fs::path(DITMOS_SOURCE_DIR);
}

fs::path plugin_file() {
  const fs::path file = DITMOS_PLUGIN_FILE;
  if (!fs::exists(file))
    throw Error("the instruction-counting plugin " + file.string() + " is absent", "build the project again");
  return file;
}

}  // namespace ditmos::device
