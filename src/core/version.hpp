#pragma once

namespace ditmos {

/// Version of the program, as `ditmos version` prints it and as records carry it.
inline constexpr const char* version = "0.1.0";

}  // namespace ditmos
