#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ditmos::device {

/// A microcontroller board as boards/NAME.toml describes it. Every figure has its source in `sources`.
struct Board {
  std::string name;   ///< the file's name, as --board takes it
  std::string title;  ///< maker, board and chip
  std::string core;   ///< "cortex-m7", ...: one of core_names() (device/core_target.hpp)
  double clock_mhz = 0;
  std::uint64_t ram_bytes = 0;    ///< all RAM that a program may use
  std::uint64_t flash_bytes = 0;  ///< code and weights; RAM that is loaded at start on chips without flash
  int flash_wait_states = 0;      ///< extra core cycles of a flash read at clock_mhz
  int flash_line_bytes = 16;      ///< what one flash read delivers
  std::uint64_t instruction_cache_bytes = 0;  ///< cache or accelerator lines in front of the flash, instructions
  std::uint64_t data_cache_bytes = 0;         ///< the same for constants read from flash
  double run_mw = 0;              ///< power while the core computes, milliwatts
  std::map<std::string, std::string> sources;  ///< key of the file -> where its value was read
};

/// Reads one board. Throws Error naming file and key: not TOML, an unknown key (with the nearest known one), a missing or
/// out-of-range value, an unknown core, a figure without a source.
Board read_board(const std::filesystem::path& file);
Board parse_board(const std::string& text, const std::string& file_name);

/// boards/ of this installation: $DITMOS_HOME/boards, or that of the source tree.
std::filesystem::path boards_folder();
/// Names of all boards, sorted.
std::vector<std::string> board_names();
/// A board by name, or by the path of a TOML file of one's own. Throws Error with the nearest name.
Board find_board(const std::string& name_or_file);

}  // namespace ditmos::device
