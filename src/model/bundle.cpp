#include "model/bundle.hpp"

#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::model {
namespace {

constexpr std::size_t kMostManifestBytes = std::size_t{16} << 20;
constexpr std::size_t kMostNetworks = 4096;
constexpr int kMostExtent = 1 << 20;

const char* name_of(Combine combine) {
  switch (combine) {
    case Combine::select: return "select";
    case Combine::average: return "average";
    case Combine::single: break;
  }
  return "single";
}

Combine combine_from(const std::string& text, const std::string& where) {
  for (const Combine combine : {Combine::single, Combine::select, Combine::average})
    if (text == name_of(combine)) return combine;
  throw Error(where + ": \"combine\" is \"" + text + "\"", "expected single, select or average");
}

std::string role_of(Combine combine, std::size_t index) {
  if (combine == Combine::select) return index == 0 ? "selector" : "classifier_" + std::to_string(index - 1);
  return combine == Combine::single ? "network" : "member_" + std::to_string(index);
}

std::string text_of(const std::vector<std::int64_t>& dims) {
  std::string text = "(";
  for (const std::int64_t dim : dims) text += (text.size() > 1 ? ", " : "") + (dim < 0 ? "?" : std::to_string(dim));
  return text + ")";
}

bool same_dims(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && a[i] >= 0 && b[i] >= 0) return false;
  return true;
}

const ValueInfo* find(const std::vector<ValueInfo>& values, const std::string& name) {
  for (const ValueInfo& value : values)
    if (value.name == name) return &value;
  return nullptr;
}

void check_window(const Graph& network, const Bundle& bundle, const std::string& where) {
  const ValueInfo* window = find(network.inputs, "window");
  if (!window) throw Error(where + " has no input \"window\"");
  const std::vector<std::int64_t> image = {1, bundle.channels, bundle.height, bundle.width};
  const std::vector<std::int64_t> series = {1, bundle.channels, bundle.width};
  if (same_dims(window->dims, image) || (bundle.height == 1 && same_dims(window->dims, series))) return;
  throw Error(where + ": the window has shape " + text_of(window->dims) + ", the manifest says " +
              text_of(bundle.height == 1 ? series : image));
}

void check_logits(const Graph& network, std::size_t wanted, const char* what, const std::string& where) {
  const ValueInfo* logits = find(network.outputs, "logits");
  if (!logits) throw Error(where + " has no output \"logits\"");
  const std::int64_t found = logits->dims.empty() ? -1 : logits->dims.back();
  if (found >= 0 && static_cast<std::size_t>(found) != wanted)
    throw Error(where + " has " + std::to_string(found) + " logits for " + std::to_string(wanted) + " " + what);
}

void check_maps(const Graph& classifier, const Graph& selector, const std::string& where) {
  for (const ValueInfo& input : classifier.inputs) {
    if (input.name == "window") continue;
    const ValueInfo* map = input.name == "logits" ? nullptr : find(selector.outputs, input.name);
    if (!map) throw Error(where + " reads \"" + input.name + "\", which is no map of the selector");
    if (!same_dims(map->dims, input.dims))
      throw Error(where + " reads \"" + input.name + "\" as " + text_of(input.dims) + ", the selector writes " + text_of(map->dims));
  }
}

/// What every bundle, read or to be written, must satisfy.
void check(const Bundle& bundle, const std::string& folder) {
  const bool select = bundle.combine == Combine::select;
  const std::size_t least = select ? 2 : 1;
  if (bundle.networks.size() < least || (bundle.combine == Combine::single && bundle.networks.size() != 1))
    throw Error(folder + ": " + std::to_string(bundle.networks.size()) + " networks do not fit \"combine\": \"" +
                name_of(bundle.combine) + "\"");
  if (bundle.classes.empty()) throw Error(folder + ": no classes");
  if (std::set<std::string>(bundle.classes.begin(), bundle.classes.end()).size() != bundle.classes.size())
    throw Error(folder + ": two classes have one name");
  for (const int extent : {bundle.channels, bundle.height, bundle.width})
    if (extent < 1 || extent > kMostExtent)
      throw Error(folder + ": the input has an extent of " + std::to_string(extent), "channels, height and width are 1 or more");
  for (std::size_t i = 0; i < bundle.networks.size(); ++i) {
    const std::string where = folder + ": " + role_of(bundle.combine, i);
    check_window(bundle.networks[i], bundle, where);
    if (select && i == 0)
      check_logits(bundle.networks[i], bundle.networks.size() - 1, "classifiers", where);
    else
      check_logits(bundle.networks[i], bundle.classes.size(), "classes", where);
    if (select && i > 0) check_maps(bundle.networks[i], bundle.networks[0], where);
  }
}

}  // namespace

void write_bundle(const std::filesystem::path& folder, const Bundle& bundle) {
  check(bundle, folder.string());
  Json networks = Json::array();
  for (std::size_t i = 0; i < bundle.networks.size(); ++i) {
    const std::string role = role_of(bundle.combine, i);
    const std::string bytes = serialize_onnx(bundle.networks[i]);
    write_file_atomic(folder / (role + ".onnx"), bytes);
    networks.push_back({{"role", role}, {"file", role + ".onnx"}, {"sha256", sha256(bytes)}});
  }
  Json manifest;
  manifest["schema"] = Bundle::schema;
  manifest["method"] = bundle.method;
  manifest["combine"] = name_of(bundle.combine);
  manifest["input"] = {{"channels", bundle.channels}, {"height", bundle.height}, {"width", bundle.width},
                       {"rate_hz", bundle.rate_hz}, {"unit", bundle.unit}};
  manifest["classes"] = bundle.classes;
  manifest["networks"] = networks;
  manifest["front_end"] = bundle.front_end;
  manifest["stream"] = bundle.stream;
  manifest["training"] = bundle.training;
  manifest["metrics"] = bundle.metrics;
  write_json(folder / "manifest.json", manifest);
}

std::vector<NetworkFile> parse_manifest(const std::string& text, const std::string& name, Bundle& bundle) {
  const Json json = parse_json(text, name);
  const auto schema = json_get<std::int64_t>(json, "schema", name);
  if (schema != Bundle::schema)
    throw Error(name + " has schema " + std::to_string(schema) + ", this program reads schema " + std::to_string(Bundle::schema),
                "export the bundle again with this version of ditmos");
  bundle.method = json_get<std::string>(json, "method", name);
  bundle.combine = combine_from(json_get<std::string>(json, "combine", name), name);
  const Json input = json_get<Json>(json, "input", name);
  const std::string input_name = name + ": input";
  const auto extent = [&](const char* key) {
    const double value = json_get<double>(input, key, input_name);
    if (!(value >= 1 && value <= kMostExtent) || value != std::floor(value))
      throw Error(input_name + ": \"" + key + "\" is not a whole number from 1 to " + std::to_string(kMostExtent));
    return static_cast<int>(value);
  };
  bundle.channels = extent("channels");
  bundle.height = extent("height");
  bundle.width = extent("width");
  bundle.rate_hz = input.contains("rate_hz") ? json_get<double>(input, "rate_hz", input_name) : 0;
  bundle.unit = input.contains("unit") ? json_get<std::string>(input, "unit", input_name) : "";
  bundle.classes = json_get<std::vector<std::string>>(json, "classes", name);
  const auto optional = [&](const char* key) { return json.contains(key) ? json.at(key) : Json(); };
  bundle.front_end = optional("front_end");
  bundle.stream = optional("stream");
  bundle.training = optional("training");
  bundle.metrics = optional("metrics");

  std::vector<NetworkFile> files;
  const Json networks = json_get<Json>(json, "networks", name);
  if (!networks.is_array() || networks.empty() || networks.size() > kMostNetworks)
    throw Error(name + ": \"networks\" is not a list of 1 to " + std::to_string(kMostNetworks) + " networks");
  for (const Json& network : networks) {
    const std::string where = name + ": networks";
    NetworkFile file{json_get<std::string>(network, "file", where),
                     network.contains("sha256") ? json_get<std::string>(network, "sha256", where) : ""};
    if (file.name.empty() || file.name == "." || file.name == ".." || file.name.find_first_of(std::string("/\\\0", 3)) != std::string::npos)
      throw Error(where + ": \"" + file.name + "\" is not a plain file name", "network files lie beside manifest.json");
    const std::string role = network.contains("role") ? json_get<std::string>(network, "role", where) : "";
    const std::string expected = role_of(bundle.combine, files.size());
    if (!role.empty() && role != expected)
      throw Error(where + ": network " + std::to_string(files.size()) + " has the role \"" + role + "\", expected \"" + expected + "\"");
    files.push_back(std::move(file));
  }
  return files;
}

Bundle read_bundle(const std::filesystem::path& folder) {
  const std::filesystem::path manifest = folder / "manifest.json";
  if (!std::filesystem::is_directory(folder)) throw Error("there is no bundle folder " + folder.string());
  if (!std::filesystem::exists(manifest))
    throw Error(folder.string() + " holds no manifest.json, so it is no model bundle", "give the bundle/ folder of a run");
  Bundle bundle;
  for (const NetworkFile& file : parse_manifest(read_file_limited(manifest, kMostManifestBytes), manifest.string(), bundle)) {
    const std::filesystem::path path = folder / file.name;
    if (!std::filesystem::exists(path)) throw Error(folder.string() + ": the manifest names " + file.name + ", which is missing");
    const std::string bytes = read_file(path);
    if (!file.sha256.empty() && sha256(bytes) != file.sha256)
      throw Error(path.string() + " is not the file the manifest was written for (SHA-256 differs)",
                  "export the bundle again, or remove \"sha256\" from the manifest if the change is yours");
    bundle.networks.push_back(parse_onnx(bytes, path.string()));
  }
  check(bundle, folder.string());
  return bundle;
}

}  // namespace ditmos::model
