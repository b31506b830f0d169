#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.hpp"
#include "frontend/front_end.hpp"
#include "method/config.hpp"

namespace ditmos::tune {

/// Labelled windows of a run's data as the chip takes them.
struct ChipInput {
  std::size_t n = 0, classes = 0;
  std::vector<float> windows;        ///< n windows; features, where there is a front end
  std::vector<float> samples;        ///< what the front end takes for each, as the chip's whole numbers; empty: the windows are fed
  std::vector<std::int32_t> labels;  ///< n, or none: unknown

  std::span<const float> fed() const { return samples.empty() ? windows : samples; }
};

/// The windows `rows` of the data that the configuration reads. Throws Error where what stands before the front end does not fit it.
ChipInput chip_input(const method::Config& config, const data::Dataset& dataset, std::span<const std::uint32_t> rows, const frontend::FrontEnd* front_end);

}  // namespace ditmos::tune
