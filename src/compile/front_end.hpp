#pragma once
#include <memory>

#include "frontend/front_end.hpp"
#include "model/bundle.hpp"

namespace ditmos::compile {

/// The front end that a bundle's manifest names; null where samples are the window. Throws Error: a front end that is not known, or whose
/// features are not the bundle's input.
std::shared_ptr<const frontend::FrontEnd> import_front_end(const model::Bundle& bundle);

}  // namespace ditmos::compile
