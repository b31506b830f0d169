#pragma once
#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace ditmos::data {

/// Appends series of unequal length to d.x as (channel, position), each cut to `length`, or padded to it
/// with its last sample; length 0: the longest. Sets d.channels and d.width. Throws Error for an empty
/// series, and when the windows together would have more than 2^32 values.
/// Interleaved: samples as (position, channel).
void append_interleaved(Dataset& d, const std::vector<std::vector<float>>& series, int channels, int length,
                        const std::string& where);
/// Planar: series[i] is (channel, position) with as many positions in each channel.
void append_planar(Dataset& d, const std::vector<std::vector<float>>& series, int channels, int length,
                   const std::string& where);

}  // namespace ditmos::data
