#include <fmt/format.h>

#include "core/json.hpp"
#include "device/board.hpp"
#include "device/core_target.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

Json to_json(const device::Board& board) {
  return {{"name", board.name},
          {"title", board.title},
          {"core", board.core},
          {"machine", device::core_target(board.core).machine},
          {"clock_mhz", board.clock_mhz},
          {"ram_bytes", board.ram_bytes},
          {"flash_bytes", board.flash_bytes},
          {"flash_wait_states", board.flash_wait_states},
          {"flash_line_bytes", board.flash_line_bytes},
          {"instruction_cache_bytes", board.instruction_cache_bytes},
          {"data_cache_bytes", board.data_cache_bytes},
          {"run_mw", board.run_mw},
          {"sources", board.sources}};
}

void print_one(const device::Board& board) {
  const Json all = to_json(board);
  for (const auto& [key, value] : all.items()) {
    if (key == "sources") continue;
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    const auto source = board.sources.find(key);
    fmt::print("{:<24} {:<16} {}\n", key, text, source == board.sources.end() ? "" : source->second);
  }
}

}  // namespace

void add_boards(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "boards", "List the boards that --board takes, or one board with the source of each figure.\n"
                "A board of your own is a TOML file like those in boards/; give its path as --board.");
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  verb->add_option("board", *name, "Show this board: a name, or the path of a TOML file.");
  verb->add_flag("--json", *json, "Print JSON.");
  verb->callback([name, json] {
    std::vector<device::Board> boards;
    if (!name->empty())
      boards.push_back(device::find_board(*name));
    else
      for (const auto& each : device::board_names()) boards.push_back(device::find_board(each));
    if (*json) {
      Json list = Json::array();
      for (const auto& board : boards) list.push_back(to_json(board));
      fmt::print("{}\n", (name->empty() ? list : list[0]).dump(2));
    } else if (!name->empty()) {
      print_one(boards[0]);
    } else {
      fmt::print("{:<20} {:<13} {:>6} {:>8} {:>9} {:>5}  {}\n", "board", "core", "MHz", "RAM KiB", "flash KiB", "mW", "");
      for (const auto& b : boards)
        fmt::print("{:<20} {:<13} {:>6g} {:>8} {:>9} {:>5g}  {}\n", b.name, b.core, b.clock_mhz, b.ram_bytes / 1024,
                   b.flash_bytes / 1024, b.run_mw, b.title);
    }
  });
}

}  // namespace ditmos::cli
