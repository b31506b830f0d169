#include "experiment/repeat.hpp"

#include <fmt/format.h>

#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "method/auto.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

/// Files of bundle/ whose bytes depend on the training alone: the manifest also names command and host.
std::set<std::string> networks_of(const fs::path& run) {
  std::set<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(run / "bundle", code))
    if (entry.path().extension() == ".onnx") names.insert(entry.path().filename().string());
  return names;
}

void compare(const Json& a, const Json& b, const std::string& at, std::vector<std::string>& out) {
  if (a == b) return;
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.items()) compare(value, b.contains(key) ? b[key] : Json(), at.empty() ? key : at + "." + key, out);
    for (const auto& [key, value] : b.items())
      if (!a.contains(key)) compare(Json(), value, at.empty() ? key : at + "." + key, out);
    return;
  }
  const auto shown = [](const Json& json) { return json.is_structured() ? std::string(json.is_array() ? "another list" : "another object") : json.dump(); };
  out.push_back(fmt::format("evaluation.json, {}: {} before, {} now", at, shown(a), shown(b)));
}

}  // namespace

std::vector<std::string> differences(const fs::path& run, const fs::path& other) {
  std::vector<std::string> out;
  compare(read_json(run / "evaluation.json"), read_json(other / "evaluation.json"), "", out);
  const auto before = networks_of(run), now = networks_of(other);
  if (before != now) out.push_back("bundle/ holds other networks");
  for (const std::string& name : before)
    if (now.contains(name) && read_file(run / "bundle" / name) != read_file(other / "bundle" / name)) out.push_back("bundle/" + name + ": other bytes");
  return out;
}

std::vector<std::string> repeat(const fs::path& run, const method::RunOptions& options) {
  const method::Config config = method::read_resumable_config(run);
  if (!fs::exists(run / "evaluation.json"))
    throw Error(run.string() + " is not finished, so there is nothing to compare with", "finish it with: ditmos train --resume --out " + run.string());
  method::train_run(config, method::load_data(config), options);
  return differences(run, options.folder);
}

}  // namespace ditmos::experiment
