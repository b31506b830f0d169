#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace ditmos {

/// Memory of `bytes`, page aligned and zero: of a file without a name in $TMPDIR (else /var/tmp), so that the kernel can put it on the disk where
/// RAM is short; where that folder has no room, of RAM. Throws std::bad_alloc. With release_pages the only two ends of it.
void* allocate_pages(std::size_t bytes);
void release_pages(void* pages, std::size_t bytes) noexcept;

/// Begins to bring what waits on the disk into RAM, and returns at once: before scattered parts are read, so that they come together.
void fetch_pages(const void* begin, std::size_t bytes) noexcept;

/// Small vectors live in RAM, vectors of kDiskVectorBytes and more on pages that may wait on the disk.
inline constexpr std::size_t kDiskVectorBytes = std::size_t{256} << 20;

template <class T>
struct DiskAllocator {
  using value_type = T;
  DiskAllocator() = default;
  template <class U>
  DiskAllocator(const DiskAllocator<U>&) {}

  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    return bytes < kDiskVectorBytes ? std::allocator<T>().allocate(n) : static_cast<T*>(allocate_pages(bytes));
  }
  void deallocate(T* p, std::size_t n) noexcept {
    n * sizeof(T) < kDiskVectorBytes ? std::allocator<T>().deallocate(p, n) : release_pages(p, n * sizeof(T));
  }
  friend bool operator==(const DiskAllocator&, const DiskAllocator&) { return true; }
};

template <class T>
using DiskVector = std::vector<T, DiskAllocator<T>>;

}  // namespace ditmos
