#include "data/formats/csv_dataset.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "core/error.hpp"
#include "core/file_map.hpp"
#include "data/formats/csv.hpp"
#include "data/labels.hpp"
#include "data/series.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace {

constexpr std::size_t most_columns = 1'000'000;

/// What the columns are.
struct Columns {
  std::vector<std::string> names;
  std::optional<std::size_t> label, window, time, split;
  std::vector<std::size_t> group, values;
  double seconds_per_tick = 0;  ///< of the time column; 0: its unit is unknown
};

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

double tick_of(const std::string& name) {
  const auto ends = [&](std::string_view end) { return name.size() >= end.size() && name.ends_with(end); };
  if (ends("_ms") || ends("(ms)") || ends("milliseconds")) return 1e-3;
  if (ends("_us") || ends("(us)") || ends("microseconds")) return 1e-6;
  if (ends("_s") || ends("(s)") || ends("seconds")) return 1;
  return 0;
}

Columns read_header(const std::vector<std::string_view>& cells, const std::string& where) {
  Columns c;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string name = lower(trim(cells[i]));
    c.names.emplace_back(trim(cells[i]));
    if (!c.label && is_one_of(name, {"label", "class", "activity", "target"})) {
      c.label = i;
    } else if (!c.window && is_one_of(name, {"window", "window_id", "windowid", "segment", "segment_id", "id"})) {
      c.window = i;
    } else if (!c.time && is_one_of(name, {"time", "t", "timestamp", "sample", "index", "time_s", "time_ms", "time_us",
                                           "time (s)", "time (ms)", "time (us)", "seconds", "milliseconds", "microseconds"})) {
      c.time = i;
      c.seconds_per_tick = tick_of(name);
    } else if (is_one_of(name, {"group", "subject", "user", "speaker", "trial", "session", "recording", "participant"})) {
      c.group.push_back(i);
    } else if (!c.split && is_one_of(name, {"split", "part", "partition"})) {
      c.split = i;
    } else {
      c.values.push_back(i);
    }
  }
  if (!c.label)
    throw Error(where + ": the header names no label column",
                "name the column of the class \"label\" in the first line, or put one there");
  if (c.values.empty()) throw Error(where + ": there is no column of values beside the labels");
  return c;
}

/// "x_12", "x12", "x.12" or "x[12]" as ("x", 12).
std::optional<std::pair<std::string, std::size_t>> split_number(std::string name) {
  if (!name.empty() && (name.back() == ']' || name.back() == ')')) name.pop_back();
  std::size_t digits = name.size();
  while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1]))) --digits;
  if (digits == name.size() || name.size() - digits > 7) return std::nullopt;
  const std::size_t number = std::stoul(name.substr(digits));
  name.resize(digits);
  while (!name.empty() && std::string_view("_.-[( ").find(name.back()) != std::string_view::npos) name.pop_back();
  return std::pair(name, number);
}

/// Orders the value columns of a row a window by channel, then number. One channel in the file's order
/// unless every column is channel + number and the channels have as many columns each.
void order_by_channel(Columns& c, Dataset& d) {
  std::vector<std::string> channels;
  std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> of_channel;
  d.channels = 1;
  d.width = static_cast<int>(c.values.size());
  for (const std::size_t column : c.values) {
    const auto parts = split_number(c.names[column]);
    if (!parts) return;
    if (!of_channel.count(parts->first)) channels.push_back(parts->first);
    of_channel[parts->first].emplace_back(parts->second, column);
  }
  std::vector<std::size_t> ordered;
  for (const std::string& channel : channels) {
    auto& columns = of_channel[channel];
    if (columns.size() != of_channel[channels[0]].size()) return;
    std::sort(columns.begin(), columns.end());
    for (const auto& [number, column] : columns) ordered.push_back(column);
  }
  c.values = ordered;
  d.channels = static_cast<int>(channels.size());
  d.width = static_cast<int>(ordered.size() / channels.size());
  if (channels.size() > 1) d.channel_names = channels;
}

/// The rows below the header, checked as they are read.
class Rows {
 public:
  Rows(CsvReader& reader, const Columns& columns) : reader_(reader), columns_(columns) {}

  bool next() {
    if (!reader_.next(cells_)) return false;
    while (cells_.size() > columns_.names.size() && cells_.back().empty()) cells_.pop_back();
    if (cells_.size() != columns_.names.size())
      throw Error(place() + " has " + std::to_string(cells_.size()) + " cells, expected " +
                      std::to_string(columns_.names.size()) + " as the header has",
                  "a decimal comma needs semicolons between the cells");
    return true;
  }

  std::string text(std::size_t column) const {
    if (cells_[column].empty()) throw Error(place() + ", column \"" + columns_.names[column] + "\" is empty");
    return std::string(cells_[column]);
  }

  double number(std::size_t column) const {
    const auto value = parse_number(cells_[column], reader_.decimal_comma());
    if (!value)
      throw Error(place() + ", column \"" + columns_.names[column] + "\" is " +
                  (cells_[column].empty() ? "empty" : "\"" + std::string(cells_[column].substr(0, 40)) + "\"") +
                  ", expected a number");
    return *value;
  }

  std::string group() const {
    std::string id;
    for (const std::size_t column : columns_.group) id.append(id.empty() ? "" : "/").append(text(column));
    return id;
  }

  /// 0 train, 1 test.
  std::int8_t official() const {
    const std::string part = lower(text(*columns_.split));
    if (part == "test") return 1;
    if (part == "train" || part == "training" || part == "validation") return 0;
    throw Error(place() + ", column \"" + columns_.names[*columns_.split] + "\" is \"" + part + "\", expected train or test");
  }

  std::string place() const { return reader_.name() + ": line " + std::to_string(reader_.line()); }
  const std::vector<std::string_view>& cells() const { return cells_; }

 private:
  CsvReader& reader_;
  const Columns& columns_;
  std::vector<std::string_view> cells_;
};

void read_wide(CsvReader& reader, Columns& columns, Dataset& d) {
  order_by_channel(columns, d);
  std::vector<std::string> labels, groups;
  Rows rows(reader, columns);
  while (rows.next()) {
    for (const std::size_t column : columns.values) d.x.push_back(static_cast<float>(rows.number(column)));
    labels.push_back(rows.text(*columns.label));
    if (!columns.group.empty()) groups.push_back(rows.group());
    if (columns.split) d.official.push_back(rows.official());
  }
  set_labels(d, labels, reader.name());
  set_groups(d, groups);
}

struct Window {
  std::string label, group, id;
  std::int8_t official = 0;
  std::vector<float> samples;  ///< (row, channel)
  std::vector<double> times;
};

/// Puts a window's rows into the order of their times.
void sort_by_time(Window& w, std::size_t channels, const std::string& where) {
  if (std::is_sorted(w.times.begin(), w.times.end())) return;
  std::vector<std::size_t> order(w.times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (std::any_of(w.times.begin(), w.times.end(), [](double t) { return !(t == t); }))
    throw Error(where + ": window \"" + w.id + "\" has a time that is not a number");
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return w.times[a] < w.times[b]; });
  std::vector<float> samples;
  std::vector<double> times;
  for (const std::size_t row : order) {
    times.push_back(w.times[row]);
    for (std::size_t c = 0; c < channels; ++c) samples.push_back(w.samples[row * channels + c]);
  }
  w.samples = std::move(samples);
  w.times = std::move(times);
}

std::vector<Window> collect_windows(CsvReader& reader, const Columns& columns) {
  std::vector<Window> windows;
  std::unordered_map<std::string, std::size_t> index;
  Rows rows(reader, columns);
  std::string key, last_key;
  std::size_t at = 0;
  while (rows.next()) {
    key = rows.text(*columns.window);
    const std::size_t id_length = key.size();
    for (const std::size_t column : columns.group) (key += '\n') += rows.cells()[column];
    if (windows.empty() || key != last_key) {
      at = index.emplace(key, windows.size()).first->second;
      last_key = key;
      if (at == windows.size()) {
        Window& w = windows.emplace_back();
        w.id = key.substr(0, id_length);
        w.label = rows.text(*columns.label);
        w.group = rows.group();
        if (columns.split) w.official = rows.official();
      }
    }
    Window& w = windows[at];
    if (rows.cells()[*columns.label] != w.label)
      throw Error(rows.place() + ": window \"" + w.id + "\" has label \"" +
                  std::string(rows.cells()[*columns.label]) + "\" here and \"" + w.label + "\" before");
    for (const std::size_t column : columns.values) w.samples.push_back(static_cast<float>(rows.number(column)));
    if (columns.time) w.times.push_back(rows.number(*columns.time));
  }
  return windows;
}

void read_long(CsvReader& reader, const Columns& columns, const LoadOptions& options, Dataset& d) {
  std::vector<Window> windows = collect_windows(reader, columns);
  const std::size_t channels = columns.values.size();
  std::vector<std::string> labels, groups;
  std::vector<std::vector<float>> series;
  double span = 0, steps = 0;
  const std::size_t first_length = windows.empty() ? 0 : windows[0].samples.size() / channels;
  for (Window& w : windows) {
    sort_by_time(w, channels, reader.name());
    const std::size_t length = w.samples.size() / channels;
    if (options.length == 0 && length != first_length)
      throw Error(reader.name() + ": window \"" + w.id + "\" has " + std::to_string(length) + " rows and window \"" +
                      windows[0].id + "\" " + std::to_string(first_length),
                  "give --length to cut or pad all windows to one length");
    if (w.times.size() > 1) {
      span += w.times.back() - w.times.front();
      steps += static_cast<double>(w.times.size() - 1);
    }
    series.push_back(std::move(w.samples));
    labels.push_back(w.label);
    if (!columns.group.empty()) groups.push_back(w.group);
    if (columns.split) d.official.push_back(w.official);
  }
  if (columns.seconds_per_tick > 0 && span > 0) d.rate_hz = steps / (span * columns.seconds_per_tick);
  for (const std::size_t column : columns.values) d.channel_names.push_back(columns.names[column]);
  append_interleaved(d, series, static_cast<int>(channels), options.length, reader.name());
  set_labels(d, labels, reader.name());
  set_groups(d, groups);
}

}  // namespace

Dataset parse_csv_dataset(std::string_view text, const std::string& name, const LoadOptions& options) {
  CsvReader reader(text, name);
  std::vector<std::string_view> header;
  if (!reader.next(header)) throw Error(name + " has no rows");
  if (header.size() > most_columns)
    throw Error(name + " has " + std::to_string(header.size()) + " columns, expected at most " + std::to_string(most_columns));
  while (header.size() > 1 && header.back().empty()) header.pop_back();
  Columns columns = read_header(header, name);
  Dataset d;
  columns.window ? read_long(reader, columns, options, d) : read_wide(reader, columns, d);
  for (const std::size_t column : columns.group)
    d.group_meaning.append(d.group_meaning.empty() ? "" : " and ").append(columns.names[column]);
  d.provenance = name;
  return d;
}

Dataset read_csv_file(const std::filesystem::path& path, const LoadOptions& options) {
  return parse_csv_dataset(FileMap(path).bytes(), path.string(), options);
}

}  // namespace ditmos::data
