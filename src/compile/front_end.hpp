#pragma once
#include <memory>
#include <optional>
#include <string>

#include "frontend/front_end.hpp"
#include "frontend/stream.hpp"
#include "model/bundle.hpp"

namespace ditmos::compile {

/// The front end that a bundle's manifest names; null where samples are the window. Throws Error: a front end that is not known, or whose
/// features are not the bundle's input.
std::shared_ptr<const frontend::FrontEnd> import_front_end(const model::Bundle& bundle);

/// How rows of the sensor become the window (or the front end's samples), as the bundle's manifest says; none where it says nothing, where the
/// front end takes sound or bytes, or where no resampler can be made: `why_not` then tells. Throws Error where the two do not agree.
std::optional<frontend::Stream> import_stream(const model::Bundle& bundle, const frontend::FrontEnd* front_end, std::string& why_not);

}  // namespace ditmos::compile
