#pragma once
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace ditmos::nn {

/// The bits of some arrays, one after another.
template <class... Arrays>
std::vector<std::byte> pack_bytes(const Arrays&... arrays) {
  std::vector<std::byte> bytes;
  const auto append = [&](const auto& array) {
    const auto view = std::as_bytes(std::span(array));
    bytes.insert(bytes.end(), view.begin(), view.end());
  };
  (append(arrays), ...);
  return bytes;
}

/// The reverse, into arrays of the same sizes. Throws Error, with nothing written, when the sizes disagree.
template <class... Arrays>
void unpack_bytes(std::span<const std::byte> bytes, const char* what, Arrays&... arrays) {
  std::size_t size = 0;
  ((size += std::span(arrays).size_bytes()), ...);
  if (bytes.size() != size)
    throw Error(std::string("the saved ") + what + " has " + std::to_string(bytes.size()) + " bytes, expected " +
                    std::to_string(size),
                "it was saved with another configuration");
  const auto take = [&](auto& array) {
    const auto view = std::as_writable_bytes(std::span(array));
    if (!view.empty()) std::memcpy(view.data(), bytes.data(), view.size());
    bytes = bytes.subspan(view.size());
  };
  (take(arrays), ...);
}

}  // namespace ditmos::nn
