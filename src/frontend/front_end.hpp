#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "frontend/settings.hpp"
#include "frontend/tables.hpp"

namespace ditmos::frontend {

/// A front end with its tables. The host computes with the C that ships to the chip (runtime/include/ditmos/front_end.h), in float32, so
/// that both get the same bits.
class FrontEnd {
 public:
  /// Throws Error for settings that make no sense (a hop of 0, bands above half the rate, a window shorter than a frame).
  explicit FrontEnd(const Settings& settings);

  const Settings& settings() const { return settings_; }
  /// Shape of the features.
  int channels() const;
  int height() const;
  int width() const;
  std::size_t sample_count() const;   ///< values of a window before the front end
  std::size_t feature_count() const { return static_cast<std::size_t>(channels()) * static_cast<std::size_t>(height()) * static_cast<std::size_t>(width()); }

  /// Kinds that take a frame at a time; else frames() is 0.
  int frames() const { return frames_; }
  int frame_samples() const { return frame_; }
  int hop_samples() const { return hop_; }
  int frame_values() const;           ///< features of a channel and frame

  /// Working memory for one frame: floats, its features at the end; fixed point: 16-bit numbers, then its features in 32 bits.
  std::size_t scratch_bytes() const;
  std::size_t values_offset() const;  ///< bytes from its beginning to the features
  std::size_t table_bytes() const;    ///< constants on the chip
  /// Multiplications of one window, for the planner's estimate of time.
  std::int64_t multiplications() const;

  const MelTables* mel() const { return std::get_if<MelTables>(&tables_); }
  const MelTables16* fixed() const { return settings_.fixed ? &fixed_ : nullptr; }
  const BandTables* band() const { return std::get_if<BandTables>(&tables_); }

  /// A window as a data set without this front end holds it -> as the chip's samples, in their unit (whole numbers for int16 and uint8).
  void to_samples(std::span<const float> window, std::span<float> samples) const;
  /// The same window -> features, [channels][height][width].
  void compute(std::span<const float> window, std::span<float> features) const;

 private:
  Settings settings_;
  int frame_ = 0, hop_ = 0, frames_ = 0;
  std::variant<std::monostate, MelTables, BandTables> tables_;
  MelTables16 fixed_;
};

}  // namespace ditmos::frontend
