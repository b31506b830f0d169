#include "core/json.hpp"

#include "core/file.hpp"

namespace ditmos {

Json parse_json(const std::string& text, const std::string& name) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i + 1 < e.byte && i < text.size(); ++i) {
      ++column;
      if (text[i] == '\n') ++line, column = 1;
    }
    throw Error(name + ": line " + std::to_string(line) + ", column " + std::to_string(column) + ": not valid JSON");
  } catch (const nlohmann::json::exception&) {
    throw Error(name + ": not valid JSON");
  }
}

Json read_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

void write_json(const std::filesystem::path& path, const Json& value) {
  write_file_atomic(path, value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace ditmos
