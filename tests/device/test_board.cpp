#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "device/board.hpp"
#include "device/core_target.hpp"

namespace ditmos::device {
namespace {

const std::string good = R"(title = "A board"
core = "cortex-m4"
clock_mhz = 80
ram_bytes = 1024
flash_bytes = 4096
flash_wait_states = 4
run_mw = 20.5
[sources]
clock_mhz = "sheet"
ram_bytes = "sheet"
flash_bytes = "sheet"
flash_wait_states = "sheet"
run_mw = "sheet"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    parse_board(text, "x.toml");
  } catch (const Error& e) {
    return std::string(e.what()) + " | " + e.hint();
  }
  return "";
}

TEST(Board, EveryBoardOfTheFolderIsCompleteAndSourced) {
  const auto names = board_names();
  ASSERT_GE(names.size(), 6u);
  for (const char* wanted :
       {"nucleo-f767zi", "nucleo-f746zg", "nucleo-h743zi", "nucleo-l4r5zi", "nucleo-f411re", "arduino-nano-33-ble"})
    EXPECT_NE(std::find(names.begin(), names.end(), wanted), names.end()) << wanted;
  for (const auto& name : names) {
    const Board board = find_board(name);
    EXPECT_EQ(board.name, name);
    EXPECT_EQ(board.core, core_target(board.core).core);
    EXPECT_FALSE(board.title.empty());
    EXPECT_GE(board.sources.size(), 8u) << name;
  }
}

TEST(Board, ValuesAreRead) {
  const Board board = parse_board(good, "dir/mine.toml");
  EXPECT_EQ(board.name, "mine");
  EXPECT_EQ(board.clock_mhz, 80);
  EXPECT_EQ(board.ram_bytes, 1024u);
  EXPECT_EQ(board.flash_wait_states, 4);
  EXPECT_EQ(board.flash_line_bytes, 16);
  EXPECT_EQ(board.run_mw, 20.5);
  EXPECT_EQ(board.sources.at("run_mw"), "sheet");
}

TEST(Board, ErrorsNameFileKeyAndTheNearestName) {
  EXPECT_NE(error_of(replaced(good, "clock_mhz = 80", "clok_mhz = 80")).find("did you mean \"clock_mhz\""), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "cortex-m4", "cortex-m5")).find("did you mean \"cortex-m"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "ram_bytes = 1024", "ram_bytes = 12")).find("expected 256 to"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "ram_bytes = 1024", "ram_bytes = 1024.5")).find("whole number"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "ram_bytes = 1024", "ram_bytes = \"big\"")).find("must be a number"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "ram_bytes = 1024", "ram_bytes = nan")).find("expected 256 to"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "ram_bytes = 1024\n", "")).find("\"ram_bytes\" is missing"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "run_mw = \"sheet\"\n", "")).find("\"run_mw\" has no source"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "run_mw = \"sheet\"", "run_mw = 3")).find("must be a text"), std::string::npos);
  EXPECT_NE(error_of(replaced(good, "title = \"A board\"", "title = ")).find("x.toml: line 1"), std::string::npos);
  EXPECT_NE(error_of(good.substr(0, good.find("[sources]"))).find("[sources] is missing"), std::string::npos);
  EXPECT_NE(error_of("\xff\xfe\x00garbage"), "");
}

TEST(Board, UnknownNameGetsTheNearest) {
  try {
    find_board("nucleo-f767z");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.hint(), "did you mean \"nucleo-f767zi\"?");
  }
}

}  // namespace
}  // namespace ditmos::device
