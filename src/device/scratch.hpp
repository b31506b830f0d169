#pragma once
#include <filesystem>

namespace ditmos::device {

/// A new folder under the system's temporary folder, removed with what is in it at the end of the scope.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ditmos::device
