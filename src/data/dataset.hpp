#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/disk_vector.hpp"

namespace ditmos::data {

/// Values of windows; as many as the disk has room for (core/disk_vector.hpp).
using Values = DiskVector<float>;

/// Labelled windows. x is (N, channels, height, width), row-major; series have height 1 and width = length.
struct Dataset {
  std::string name;
  int channels = 0, height = 1, width = 0;
  Values x;                               ///< N * window_size() values, in `unit`
  std::vector<std::int32_t> y;            ///< N labels, 0 .. classes.size()-1
  std::vector<std::int32_t> group;        ///< N group ids (subject and trial, speaker, segment), or empty
  std::vector<std::int8_t> official;      ///< N: 0 train, 1 test (the publisher's split), or empty; with folds: the one that tests the window
  int folds = 0;                          ///< of the publisher's split; 0: it is train and test
  std::vector<std::string> classes;
  std::vector<std::string> channel_names; ///< one a channel, or empty
  double rate_hz = 0;                     ///< samples a second; 0: not a series or unknown
  std::string unit;
  std::string group_meaning;              ///< "trial of a subject", "speaker", ...
  std::string provenance;                 ///< files read, citation
  std::string front_end;                  ///< JSON of the features' settings (data/front_end.hpp); empty: raw samples
  std::string stream;                     ///< JSON of how rows of the sensor become windows (frontend/stream.hpp); empty: they came as windows

  std::size_t size() const { return y.size(); }
  std::size_t window_size() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  std::span<const float> window(std::size_t i) const { return std::span(x).subspan(i * window_size(), window_size()); }
};

/// Throws Error (which window, which value) unless sizes agree, labels are in range, every class has a
/// window, and every value is finite.
void validate(const Dataset& dataset);

}  // namespace ditmos::data
