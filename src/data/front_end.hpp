#pragma once
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "frontend/settings.hpp"

namespace ditmos::data {

/// Replaces the windows by features: "mfcc", "log-mel" (channels are values, width is frames), "mfcc-image", "log-mel-image" (one channel,
/// height is values), each also with "-int16" for 16-bit fixed point, "band-power", "magnitude", "normalize", "compand:K" with
/// a knee of K (frontend/settings.hpp); "none" leaves the samples. The settings are recorded
/// in dataset.front_end. Throws Error, naming the set, where the front end does not fit its windows.
void apply_front_end(Dataset& dataset, const std::string& front_end);

/// The same with settings of one's own.
void apply_front_end(Dataset& dataset, const frontend::Settings& settings);

/// Images of bytes 0 .. 255 to brightness 0 .. 1, unless "none" was asked for.
void apply_brightness(Dataset& dataset, const std::string& asked);

/// The front end asked for, or `standard` when none was; Error unless it is one of `known`.
std::string choose_front_end(const std::string& asked, const std::string& standard, const std::vector<std::string>& known);

/// Those for sound, and "none".
const std::vector<std::string>& sound_front_ends();

}  // namespace ditmos::data
