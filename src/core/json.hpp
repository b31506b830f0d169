#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace ditmos {

/// Keys keep the order they were written in, so that the same content gives the same bytes.
using Json = nlohmann::ordered_json;

/// Parses the file; Error names the path, line and column of what is wrong.
Json read_json(const std::filesystem::path& path);
Json parse_json(const std::string& text, const std::string& name);

/// Two-space indent, ending in a newline, written atomically.
void write_json(const std::filesystem::path& path, const Json& value);

/// A required member of the given type; Error says `name: "key" is missing / is not a number`.
template <class T>
T json_get(const Json& object, const char* key, const std::string& name);

}  // namespace ditmos

#include "core/error.hpp"

namespace ditmos {
template <class T>
T json_get(const Json& object, const char* key, const std::string& name) {
  if (!object.is_object() || !object.contains(key)) throw Error(name + ": \"" + key + "\" is missing");
  try {
    return object.at(key).template get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(name + ": \"" + key + "\" has the wrong type (" + object.at(key).type_name() + ")");
  }
}
}  // namespace ditmos
