#include "method/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>

#include "core/error.hpp"

namespace ditmos::method {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) throw Error("cannot open " + path.string() + ": " + std::strerror(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    char holder[300] = {};
    const ssize_t n = ::pread(file_, holder, sizeof holder - 1, 0);
    ::close(file_);
    std::string who(holder, n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!who.empty() && who.back() == '\n') who.pop_back();
    throw Error(folder.string() + " is in use by " + (who.empty() ? "another process" : who), "wait for it to end, or choose another --out");
  }
  const std::string who = "process " + std::to_string(::getpid()) + " on " + host_name() + " since " + utc_now() + "\n";
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, who.data(), who.size(), 0) < 0) {
    // Who holds it is a courtesy; the lock itself stands.
  }
}

FolderLock::~FolderLock() { ::close(file_); }

}  // namespace ditmos::method
