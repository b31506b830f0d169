#pragma once
#include <cstdlib>
#include <filesystem>

#include "core/source_dir.hpp"

namespace ditmos {

/// The folder of real data sets: $DITMOS_SHARED/data, or ../shared/data beside the project; may be absent.
inline std::filesystem::path shared_data() {
  if (const char* root = std::getenv("DITMOS_SHARED")) return std::filesystem::path(root) / "data";
  return std::filesystem::path(DITMOS_SOURCE_DIR) / ".." / "shared" / "data";
}

}  // namespace ditmos

/// Skips the test, saying why, where the real data set is absent.
#define REQUIRE_SHARED(name)                                                                   \
  if (!std::filesystem::exists(ditmos::shared_data() / (name)))                                \
  GTEST_SKIP() << "real data set " << (ditmos::shared_data() / (name)).string() << " is absent"
