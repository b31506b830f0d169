#include "data/recording.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/formats/csv.hpp"
#include "data/formats/wav.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace {

bool is_time_name(const std::string& name) {
  return name == "time" || name == "t" || name == "timestamp" || name == "seconds" || name.starts_with("time_") || name.starts_with("time (");
}

/// Times that lie within 2 % of equal steps are equal steps; a rate within 0.1 % of a whole number is that.
void take_rate_of_times(Recording& r) {
  const double step = (r.seconds.back() - r.seconds.front()) / static_cast<double>(r.seconds.size() - 1);
  r.rate_hz = 1 / step;
  for (std::size_t i = 0; i < r.seconds.size(); ++i)
    if (std::abs(r.seconds[i] - r.seconds[0] - static_cast<double>(i) * step) > 0.02 * step) return;
  if (std::abs(r.rate_hz - std::round(r.rate_hz)) < 1e-3 * r.rate_hz) r.rate_hz = std::round(r.rate_hz);
  r.seconds.clear();
}

}  // namespace

Recording read_wav_recording(const std::filesystem::path& path) {
  const Audio audio = parse_wav(read_file(path), path.string());
  Recording r;
  r.path = path;
  r.rate_hz = audio.rate_hz;
  const auto count = static_cast<std::size_t>(audio.channels);
  r.channels.resize(count);
  for (std::size_t c = 0; c < count; ++c) {
    r.channel_names.push_back(std::to_string(c + 1));
    for (std::size_t i = c; i < audio.samples.size(); i += count) r.channels[c].push_back(audio.samples[i]);
  }
  return r;
}

Recording read_csv_recording(const std::filesystem::path& path, const std::string& time_column, double seconds_per_tick,
                             const std::vector<std::string>& wanted) {
  const std::string text = read_file(path);
  CsvReader reader(text, path.string());
  std::vector<std::string_view> cells;
  if (!reader.next(cells)) throw Error(path.string() + " is empty", "expected a header line and a row a sample");
  Recording r;
  r.path = path;
  std::optional<std::size_t> time;
  std::vector<std::size_t> columns;
  std::string names;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string name(trim(cells[i]));
    names.append(names.empty() ? "" : ", ").append(name);
    if (time_column.empty() ? !time && is_time_name(lower(name)) : name == time_column) {
      time = i;
    } else if (!name.empty() && (wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end())) {
      columns.push_back(i);
      r.channel_names.push_back(name);
    }
  }
  if (!time_column.empty() && !time) throw Error(path.string() + " has no column \"" + time_column + "\"", "its columns: " + names);
  if (columns.empty()) throw Error(path.string() + " has no column to read", "its columns: " + names);
  r.channels.resize(columns.size());
  const std::size_t width = cells.size();
  const auto number = [&](std::size_t column) {
    const auto value = parse_number(cells[column], reader.decimal_comma());
    if (!value || !std::isfinite(*value))
      throw Error(path.string() + ": line " + std::to_string(reader.line()) + ", cell " + std::to_string(column + 1) + " is \"" +
                      std::string(cells[column].substr(0, 40)) + "\", expected a number",
                  reader.line() == 2 ? "" : "remove the row or fill the gap");
    return *value;
  };
  while (reader.next(cells)) {
    if (cells.size() < width)
      throw Error(path.string() + ": line " + std::to_string(reader.line()) + " has " + std::to_string(cells.size()) +
                  " cells, expected " + std::to_string(width));
    for (std::size_t c = 0; c < columns.size(); ++c) r.channels[c].push_back(static_cast<float>(number(columns[c])));
    if (!time) continue;
    r.seconds.push_back(number(*time) * seconds_per_tick);
    if (r.seconds.size() > 1 && !(r.seconds.back() > r.seconds[r.seconds.size() - 2]))
      throw Error(path.string() + ": line " + std::to_string(reader.line()) + ": time does not rise", "sort the rows and drop repeated ones");
  }
  if (r.length() == 0) throw Error(path.string() + " has a header and no rows");
  if (r.seconds.size() > 1) take_rate_of_times(r);
  return r;
}

}  // namespace ditmos::data
