#pragma once
#include <string>

#include "data/inspect.hpp"

namespace ditmos::cli {

/// The inspection as one HTML file with pictures: class balance, a window of each class, channels, what to know before training.
std::string inspection_page(const data::Inspection& inspection, const data::Dataset& dataset);

}  // namespace ditmos::cli
