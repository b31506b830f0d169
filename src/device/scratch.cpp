#include "device/scratch.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "ditmos-XXXXXX").string();
  if (!::mkdtemp(name.data()))
    throw Error("cannot make a folder under " + fs::temp_directory_path().string() + ": " + std::strerror(errno),
                "set TMPDIR to a folder that you may write to");
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace ditmos::device
