#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace ditmos {

/// A file's bytes without reading them into memory first: pages come from the disk as they are looked at, and may go again. For files as large as
/// memory. What cannot be mapped, as a pipe, is read.
class FileMap {
 public:
  /// Throws Error naming the path, as read_file does.
  explicit FileMap(const std::filesystem::path& path);
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;
  ~FileMap();

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
  std::string read_;  ///< of what is not mapped
};

}  // namespace ditmos
