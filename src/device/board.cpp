#include "device/board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "core/toml_parser.hpp"
#include "device/core_target.hpp"
#include "device/resources.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;
namespace {

/// The keys that hold a number, the range each is allowed, and whether it may be left out.
struct NumberKey {
  const char* name;
  double low, high;
  bool whole, required;
};
constexpr NumberKey number_keys[] = {
    {"clock_mhz", 0.001, 10000, false, true},
    {"ram_bytes", 256, 1e9, true, true},
    {"flash_bytes", 1024, 1e10, true, true},
    {"flash_wait_states", 0, 1000, true, true},
    {"flash_line_bytes", 1, 1024, true, false},
    {"instruction_cache_bytes", 0, 1e7, true, false},
    {"data_cache_bytes", 0, 1e7, true, false},
    {"run_mw", 0.001, 1e6, false, true},
};

class Reader {
 public:
  Reader(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  std::string text(const char* key) const {
    const auto* node = table_.get(key);
    if (!node) throw Error(fmt::format("{}: \"{}\" is missing", file_, key));
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty()) throw Error(fmt::format("{}: \"{}\" must be a text in quotes", file_, key));
    return *value;
  }

  double number(const NumberKey& key, double absent) const {
    const auto* node = table_.get(key.name);
    if (!node) {
      if (key.required) throw Error(fmt::format("{}: \"{}\" is missing", file_, key.name));
      return absent;
    }
    const auto value = node->value<double>();
    if (!value || node->is_boolean()) throw Error(fmt::format("{}: \"{}\" must be a number", file_, key.name));
    const double v = *value;
    if (!(v >= key.low && v <= key.high))
      throw Error(fmt::format("{}: \"{}\" is {}, expected {} to {}", file_, key.name, v, key.low, key.high));
    if (key.whole && v != static_cast<double>(static_cast<std::int64_t>(v)))
      throw Error(fmt::format("{}: \"{}\" is {}, expected a whole number", file_, key.name, v));
    return v;
  }

  void refuse_unknown() const {
    std::vector<std::string> known = {"title", "core", "sources"};
    for (const auto& key : number_keys) known.emplace_back(key.name);
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      throw Error(fmt::format("{}: unknown key \"{}\"", file_, name), name_hint(name, known));
    }
  }

  std::map<std::string, std::string> sources() const {
    const auto* node = table_.get("sources");
    if (!node || !node->is_table()) throw Error(file_ + ": [sources] is missing: each figure names where it was read");
    std::map<std::string, std::string> out;
    for (const auto& [key, value] : *node->as_table()) {
      const std::string name(key.str());
      const auto where = value.value_exact<std::string>();
      if (!where) throw Error(fmt::format("{}: sources.{} must be a text in quotes", file_, name));
      if (name != "core" && !table_.contains(name))
        throw Error(fmt::format("{}: sources.{} names no key of the file", file_, name));
      out[name] = *where;
    }
    for (const auto& key : number_keys)
      if (table_.contains(key.name) && out[key.name].empty())
        throw Error(fmt::format("{}: \"{}\" has no source", file_, key.name),
                    fmt::format("add {} = \"document, table\" under [sources]", key.name));
    return out;
  }

 private:
  const toml::table& table_;
  std::string file_;
};

}  // namespace

Board parse_board(const std::string& text, const std::string& file_name) {
  const toml::table table = parse_toml(text, file_name);
  const Reader reader(table, file_name);
  reader.refuse_unknown();
  Board board;
  board.name = fs::path(file_name).stem().string();
  board.title = reader.text("title");
  board.core = reader.text("core");
  core_target(board.core);  // throws with the nearest name
  double values[std::size(number_keys)];
  for (std::size_t i = 0; i < std::size(number_keys); ++i)
    values[i] = reader.number(number_keys[i], std::string(number_keys[i].name) == "flash_line_bytes" ? 16 : 0);
  board.clock_mhz = values[0];
  board.ram_bytes = static_cast<std::uint64_t>(values[1]);
  board.flash_bytes = static_cast<std::uint64_t>(values[2]);
  board.flash_wait_states = static_cast<int>(values[3]);
  board.flash_line_bytes = static_cast<int>(values[4]);
  board.instruction_cache_bytes = static_cast<std::uint64_t>(values[5]);
  board.data_cache_bytes = static_cast<std::uint64_t>(values[6]);
  board.run_mw = values[7];
  board.sources = reader.sources();
  return board;
}

Board read_board(const fs::path& file) { return parse_board(read_file_limited(file, 1 << 20), file.string()); }

fs::path boards_folder() { return resource_folder() / "boards"; }

std::vector<std::string> board_names() {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(boards_folder(), code))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  if (code)
    throw Error("cannot read the board folder " + boards_folder().string() + ": " + code.message(),
                "set DITMOS_HOME to the folder that holds boards/ and firmware/");
  std::sort(names.begin(), names.end());
  return names;
}

Board find_board(const std::string& name_or_file) {
  if (fs::path(name_or_file).extension() == ".toml") return read_board(name_or_file);
  const auto names = board_names();
  if (std::find(names.begin(), names.end(), name_or_file) != names.end())
    return read_board(boards_folder() / (name_or_file + ".toml"));
  throw Error("unknown board \"" + name_or_file + "\"",
              name_hint(name_or_file, names, fmt::format("there are {}; or give the path of a TOML file", fmt::join(names, ", "))));
}

}  // namespace ditmos::device
