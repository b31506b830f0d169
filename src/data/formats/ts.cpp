#include "data/formats/ts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/series.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(text, ' '))
    if (!trim(part).empty()) parts.push_back(trim(part));
  return parts;
}

/// Straight lines between the known neighbours; at the ends the nearest known value.
void interpolate(std::vector<float>& values, const std::string& place) {
  std::size_t known = values.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const std::size_t gap = known == values.size() ? i : i - known - 1;
    for (std::size_t k = 0; k < gap; ++k) {
      const float share = static_cast<float>(k + 1) / static_cast<float>(gap + 1);
      values[i - gap + k] = known == values.size() ? values[i] : values[known] + share * (values[i] - values[known]);
    }
    known = i;
  }
  if (known == values.size()) throw Error(place + ": every value of a dimension is missing");
  for (std::size_t i = known + 1; i < values.size(); ++i) values[i] = values[known];
}

std::vector<float> read_dimension(std::string_view text, const std::string& place) {
  std::vector<float> values;
  bool missing = false;
  if (trim(text).empty()) throw Error(place + " has a dimension without values");
  for (const std::string_view item : split(text, ',')) {
    if (trim(item) == "?") {
      values.push_back(std::numeric_limits<float>::quiet_NaN());
      missing = true;
      continue;
    }
    const auto value = parse_number(item);
    if (!value)
      throw Error(place + " has \"" + std::string(trim(item).substr(0, 40)) + "\", expected a number",
                  trim(item).substr(0, 1) == "(" ? "series with time stamps are not read; resample them" : "");
    missing = missing || std::isnan(*value);
    values.push_back(static_cast<float>(*value));
  }
  if (missing) interpolate(values, place);
  return values;
}

void read_tag(std::string_view line, TsFile& file, const std::string& place) {
  const auto parts = words(line);
  const std::string tag = lower(parts[0]);
  const std::string value = parts.size() > 1 ? lower(parts[1]) : "";
  if (tag == "@problemname" && parts.size() > 1) file.problem = parts[1];
  if (tag == "@timestamps" && value == "true")
    throw Error(place + ": series with time stamps are not read", "resample them to equal steps");
  if (tag == "@targetlabel" && value == "true") throw Error(place + ": a regression problem, expected classes");
  if (tag == "@classlabel") {
    if (value != "true") throw Error(place + ": the file has no class labels");
    for (std::size_t i = 2; i < parts.size(); ++i) file.classes.emplace_back(parts[i]);
  }
  if (tag == "@dimensions" || tag == "@dimension") {
    const auto n = parse_number(value);
    if (!n || *n < 1 || *n > 100000 || *n != std::floor(*n))
      throw Error(place + ": \"" + value + "\" dimensions, expected a whole number from 1");
    file.dimensions = static_cast<int>(*n);
  }
}

void read_case(std::string_view line, TsFile& file, const std::string& place) {
  const auto parts = split(line, ':');
  const std::size_t dimensions = parts.size() - 1;
  if (file.dimensions == 0 && dimensions > 0) file.dimensions = static_cast<int>(dimensions);
  if (dimensions == 0 || dimensions != static_cast<std::size_t>(file.dimensions))
    throw Error(place + " has " + std::to_string(dimensions) + " dimensions and a label, expected " +
                std::to_string(std::max(1, file.dimensions)));
  const std::string label(trim(parts.back()));
  if (std::find(file.classes.begin(), file.classes.end(), label) == file.classes.end())
    throw Error(place + " has class \"" + label.substr(0, 40) + "\", which @classLabel does not declare");
  std::vector<std::vector<float>> rows;
  std::size_t longest = 0;
  for (std::size_t k = 0; k < dimensions; ++k) {
    rows.push_back(read_dimension(parts[k], place));
    longest = std::max(longest, rows.back().size());
  }
  std::vector<float> series;
  for (auto& row : rows) {
    row.resize(longest, row.back());
    series.insert(series.end(), row.begin(), row.end());
  }
  file.series.push_back(std::move(series));
  file.labels.push_back(label);
}

}  // namespace

TsFile parse_ts(std::string_view text, const std::string& name) {
  TsFile file;
  bool in_data = false;
  std::size_t number = 0;
  for (const std::string_view raw : split_lines(text)) {
    const std::string_view line = trim(raw);
    const std::string place = name + ": line " + std::to_string(++number);
    if (line.empty() || line[0] == '#') continue;
    if (in_data) {
      read_case(line, file, place);
    } else if (lower(line.substr(0, 5)) == "@data") {
      if (file.classes.empty()) throw Error(place + ": data before @classLabel true CLASS...");
      in_data = true;
    } else if (line[0] == '@') {
      read_tag(line, file, place);
    } else {
      throw Error(place + " is no @tag, and @data has not come yet", "expected a file of the UEA archive (.ts)");
    }
  }
  if (file.series.empty()) throw Error(name + " has no cases", "expected @data and a case a line");
  return file;
}

namespace {

Dataset assemble(const std::vector<TsFile>& files, const std::vector<std::string>& names, const LoadOptions& options) {
  Dataset d;
  std::vector<std::vector<float>> series;
  for (std::size_t f = 0; f < files.size(); ++f) {
    if (files[f].dimensions != files[0].dimensions || files[f].classes != files[0].classes)
      throw Error(names[f] + " has other dimensions or classes than " + names[0]);
    series.insert(series.end(), files[f].series.begin(), files[f].series.end());
    for (const std::string& label : files[f].labels)
      d.y.push_back(static_cast<std::int32_t>(
          std::find(files[0].classes.begin(), files[0].classes.end(), label) - files[0].classes.begin()));
    if (files.size() > 1) d.official.resize(d.y.size(), static_cast<std::int8_t>(f));
    d.provenance += (f ? ", " : "") + names[f];
  }
  append_planar(d, series, files[0].dimensions, options.length, names[0]);
  d.classes = files[0].classes;
  d.name = files[0].problem;
  d.provenance += "; Bagnall et al., arXiv:1811.00075";
  return d;
}

}  // namespace

Dataset read_ts_folder(const fs::path& folder, std::string problem, const LoadOptions& options) {
  std::error_code code;
  if (problem.empty()) {
    std::vector<std::string> found;
    for (const auto& item : fs::directory_iterator(folder, code)) {
      const std::string file = item.path().filename().string();
      if (file.ends_with("_TRAIN.ts")) found.push_back(file.substr(0, file.size() - 9));
    }
    std::sort(found.begin(), found.end());
    if (found.size() != 1)
      throw Error(folder.string() + " has " + std::to_string(found.size()) + " files NAME_TRAIN.ts, expected one",
                  "give the file NAME_TRAIN.ts itself");
    problem = found[0];
  }
  std::vector<std::string> names;
  std::vector<TsFile> files;
  for (const char* part : {"_TRAIN.ts", "_TEST.ts"}) {
    const fs::path path = folder / (problem + part);
    if (!fs::exists(path, code)) throw Error(path.string() + " is missing", "expected " + problem + "_TRAIN.ts and " + problem + "_TEST.ts");
    names.push_back(path.string());
    files.push_back(parse_ts(read_file(path), path.string()));
  }
  return assemble(files, names, options);
}

Dataset read_ts_file(const fs::path& path, const LoadOptions& options) {
  std::error_code code;
  const std::string file = path.filename().string();
  if (file.ends_with("_TRAIN.ts")) {
    const std::string problem = file.substr(0, file.size() - 9);
    if (fs::exists(path.parent_path() / (problem + "_TEST.ts"), code))
      return read_ts_folder(path.parent_path(), problem, options);
  }
  return assemble({parse_ts(read_file(path), path.string())}, {path.string()}, options);
}

}  // namespace ditmos::data
