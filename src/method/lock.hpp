#pragma once
#include <filesystem>
#include <string>

namespace ditmos::method {

/// Holds a folder for this process, through a file "lock" in it that names the holder; gone with the process, also after kill -9.
class FolderLock {
 public:
  /// Throws Error saying who holds the folder.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
};

/// Name of this machine, for records.
std::string host_name();
/// UTC as 2026-01-31T12:00:00Z.
std::string utc_now();

}  // namespace ditmos::method
