#include "core/disk_vector.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace ditmos {
namespace {

/// A file without a name that has room for `bytes`; -1: there is none.
int nameless_file(std::size_t bytes) {
  const char* folder = std::getenv("TMPDIR");
  const int file = ::open(folder && *folder ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return -1;
  if (::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0) return file;
  ::close(file);
  return -1;
}

}  // namespace

void* allocate_pages(std::size_t bytes) {
  const int file = nameless_file(bytes);
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, file, 0);
  if (file >= 0) ::close(file);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return pages;
}

void release_pages(void* pages, std::size_t bytes) noexcept { ::munmap(pages, bytes); }

void fetch_pages(const void* begin, std::size_t bytes) noexcept {
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto at = reinterpret_cast<std::uintptr_t>(begin), first = at / page * page;
  ::madvise(reinterpret_cast<void*>(first), bytes + (at - first), MADV_WILLNEED);
}

}  // namespace ditmos
