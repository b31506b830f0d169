#include "data/recordings.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/formats/csv.hpp"
#include "data/features.hpp"
#include "data/labels.hpp"
#include "data/name_pattern.hpp"
#include "data/parallel.hpp"
#include "data/recording.hpp"
#include "data/resample.hpp"
#include "data/text.hpp"
#include "ditmos/stream.h"
#include "frontend/stream.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

/// A labelled stretch of a recording in seconds; `end` is infinite for "to the end".
struct Interval {
  double start = 0, end = INFINITY;
  std::string label;
};

std::vector<fs::path> find_recordings(const fs::path& folder, const fs::path& table) {
  std::error_code code;
  std::vector<fs::path> files;
  fs::recursive_directory_iterator items(folder, code);
  if (code) throw Error("cannot read the folder " + folder.string() + ": " + code.message(), "check \"folder\" in the TOML file");
  for (const auto& item : items) {
    const std::string extension = lower(item.path().extension().string());
    if (!item.is_regular_file(code) || (extension != ".csv" && extension != ".wav")) continue;
    if (table.empty() || !fs::equivalent(item.path(), table, code)) files.push_back(item.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) throw Error("no CSV or WAV recordings under " + folder.string());
  return files;
}

std::map<std::string, std::vector<Interval>> read_table(const fs::path& path) {
  const std::string text = read_file(path);
  CsvReader reader(text, path.string());
  std::vector<std::string_view> cells;
  std::map<std::string, std::size_t> column;
  if (reader.next(cells))
    for (std::size_t i = 0; i < cells.size(); ++i) column[lower(trim(cells[i]))] = i;
  for (const char* name : {"file", "start", "end", "label"})
    if (!column.count(name)) throw Error(path.string() + " has no column \"" + name + "\"", "expected the columns file, start, end, label");
  const std::size_t width = cells.size();
  std::map<std::string, std::vector<Interval>> intervals;
  while (reader.next(cells)) {
    const std::string place = path.string() + ": line " + std::to_string(reader.line());
    if (cells.size() < width) throw Error(place + " has " + std::to_string(cells.size()) + " cells, expected " + std::to_string(width));
    const auto start = parse_number(cells[column["start"]], reader.decimal_comma());
    const auto end = parse_number(cells[column["end"]], reader.decimal_comma());
    if (!start || !end || !(*start >= 0 && *start < *end)) throw Error(place + ": start and end are no interval of seconds");
    const std::string label(trim(cells[column["label"]]));
    if (label.empty()) throw Error(place + ": the label is empty");
    intervals[std::string(trim(cells[column["file"]]))].push_back({*start, *end, label});
  }
  return intervals;
}

/// Whether a channel asked for as "-x" is column x with the other sign.
bool turns_sign(const Recording& r, const std::string& wanted) {
  return wanted[0] == '-' && std::find(r.channel_names.begin(), r.channel_names.end(), wanted) == r.channel_names.end();
}

/// The channels asked for, in their order, scaled and at the wanted rate.
std::vector<std::vector<float>> prepare(const Recording& r, const RecordingSettings& s, double& rate) {
  std::vector<std::vector<float>> channels;
  const double from = r.rate_hz > 0 ? r.rate_hz : s.rate_hz;
  if (from <= 0)
    throw Error(r.path.string() + " has no time column, and the rate is not given", "set rate_hz in the TOML file");
  if (rate == 0) rate = s.rate_hz > 0 ? s.rate_hz : from;
  if (s.rate_hz == 0 && std::abs(from - rate) > 0.01 * rate)
    throw Error(r.path.string() + " has " + std::to_string(from) + " Hz, and the recordings before it " + std::to_string(rate) + " Hz",
                "set rate_hz in the TOML file to resample all of them");
  const std::vector<std::string>& wanted = s.channels.empty() ? r.channel_names : s.channels;
  for (const std::string& want : wanted) {
    const bool negative = turns_sign(r, want);
    const std::string name = negative ? want.substr(1) : want;
    const auto found = std::find(r.channel_names.begin(), r.channel_names.end(), name);
    if (found == r.channel_names.end()) {
      std::string have;
      for (const std::string& n : r.channel_names) have.append(have.empty() ? "" : ", ").append(n);
      throw Error(r.path.string() + " has no channel \"" + name + "\"", "its channels: " + have);
    }
    std::vector<float> samples = r.channels[static_cast<std::size_t>(found - r.channel_names.begin())];
    for (float& v : samples) v *= static_cast<float>(negative ? -s.scale : s.scale);  // as on the chip
    if (!r.seconds.empty()) {
      samples = resample_times(samples, r.seconds, rate);
    } else if (s.rate_hz > 0 && from != s.rate_hz) {
      samples = resample(samples, from, s.rate_hz);
    }
    channels.push_back(std::move(samples));
  }
  return channels;
}

/// What the chip must do with rows like this recording's; but for window, hop and rate.
frontend::Stream stream_of(const Recording& r, const RecordingSettings& s) {
  frontend::Stream stream;
  for (const std::string& want : s.channels.empty() ? r.channel_names : s.channels) {
    const bool negative = turns_sign(r, want);
    stream.columns.push_back(negative ? want.substr(1) : want);
    stream.factors.push_back(negative ? -s.scale : s.scale);
  }
  stream.threshold = s.threshold;
  stream.sensor_hz = r.seconds.empty() ? r.rate_hz > 0 ? r.rate_hz : s.rate_hz : 0;
  return stream;
}

std::vector<std::string> wanted_columns(const RecordingSettings& s) {
  std::vector<std::string> names;
  for (const std::string& name : s.channels) {
    names.push_back(name);
    if (name[0] == '-') names.push_back(name.substr(1));
  }
  return names;
}

/// Labels and group of one file, as the settings say.
struct Place {
  std::vector<Interval> intervals;
  std::string group;
};

Place place_of(const fs::path& path, const fs::path& base, const RecordingSettings& s,
               const std::map<std::string, std::vector<Interval>>& table) {
  Place place;
  const std::string file = path.filename().string(), relative = fs::relative(path, base).generic_string();
  const std::string folder = path.parent_path().filename().string();
  place.group = s.group == "folder" ? (s.labels == "folder" ? path.parent_path().parent_path().filename().string() : folder) : relative;
  if (s.labels == "folder") {
    if (fs::equivalent(path.parent_path(), base)) throw Error(path.string() + " lies in no folder that names its class");
    place.intervals = {{0, INFINITY, folder}};
  } else if (s.labels == "pattern") {
    const auto names = match_pattern(s.pattern, file);
    if (!names) throw Error("the file name " + path.string() + " does not fit the pattern \"" + s.pattern + "\"");
    place.intervals = {{0, INFINITY, names->at("label")}};
    if (s.group == "pattern") place.group = names->at("group");
  } else {
    for (const std::string& key : {relative, file})
      if (const auto found = table.find(key); found != table.end()) {
        place.intervals = found->second;
        break;
      }
  }
  return place;
}

/// The windows at `starts`, or their features.
void append_windows(Dataset& d, const std::vector<std::vector<float>>& channels, const std::vector<std::size_t>& starts, std::size_t width,
                    const std::optional<WindowFeatures>& features) {
  const std::size_t size = features ? features->size() : channels.size() * width, first = d.x.size();
  d.x.resize(first + starts.size() * size);
  parallel_for(starts.size(), [&](std::size_t i) {
    std::vector<float> window;
    for (const auto& channel : channels)
      window.insert(window.end(), channel.begin() + static_cast<std::ptrdiff_t>(starts[i]), channel.begin() + static_cast<std::ptrdiff_t>(starts[i] + width));
    const auto out = std::span(d.x).subspan(first + i * size, size);
    if (features)
      features->compute(window, out);
    else
      std::copy(window.begin(), window.end(), out.begin());
  });
}

std::size_t to_samples(double seconds, double rate, const char* what) {
  const double samples = std::round(seconds * rate);
  if (!(samples >= 1 && samples <= 1e8))
    throw Error(std::string(what) + " of " + std::to_string(seconds) + " s at " + std::to_string(rate) + " Hz is " +
                std::to_string(samples) + " samples, expected at least 1");
  return static_cast<std::size_t>(samples);
}

}  // namespace

std::vector<std::size_t> find_windows(const std::vector<std::vector<float>>& channels, std::size_t first, std::size_t last,
                                      std::size_t width, std::size_t hop, double threshold) {
  std::vector<std::size_t> starts;
  if (last < first + width) return starts;
  if (threshold <= 0) {
    for (std::size_t at = first; at + width <= last; at += hop) starts.push_back(at);
    return starts;
  }
  std::vector<float> magnitude, sample(channels.size());
  for (std::size_t i = first; i < last; ++i) {
    for (std::size_t c = 0; c < channels.size(); ++c) sample[c] = channels[c][i];
    magnitude.push_back(ditmos_magnitude_f32(static_cast<int>(channels.size()), 1, sample.data()));
  }
  for (std::size_t at = 0; at + width <= magnitude.size(); ++at) {
    const bool apart = starts.empty() || first + at >= starts.back() + hop;
    if (apart && ditmos_stream_is_peak(static_cast<int>(width), static_cast<float>(threshold), magnitude.data() + at)) starts.push_back(first + at);
  }
  return starts;
}

Dataset read_recordings(const fs::path& path, const LoadOptions& options) {
  std::error_code code;
  const fs::path file = fs::is_directory(path, code) ? path / "dataset.toml" : path;
  const RecordingSettings s = parse_recording_settings(read_file_limited(file, 1 << 20), file.string());
  const fs::path base = (file.has_parent_path() ? file.parent_path() : fs::path(".")) / s.folder;
  const fs::path table_path = s.table.empty() ? fs::path() : base / s.table;
  const auto table = s.table.empty() ? std::map<std::string, std::vector<Interval>>() : read_table(table_path);
  Dataset d;
  d.name = file.string();  // for errors of the front end
  d.unit = s.unit;
  const std::string front_end = options.front_end.empty() ? s.front_end : options.front_end;
  std::optional<WindowFeatures> features;  // made of a recording's windows while it is in memory
  std::vector<std::string> labels, groups;
  double rate = 0, longest = 0;
  frontend::Stream stream;
  std::size_t width = 0, hop = 0;
  for (const fs::path& recording : find_recordings(base, table_path)) {
    const Place place = place_of(recording, base, s, table);
    if (place.intervals.empty()) continue;
    const Recording r = lower(recording.extension().string()) == ".wav"
                            ? read_wav_recording(recording)
                            : read_csv_recording(recording, s.time_column, s.seconds_per_tick, wanted_columns(s));
    const auto channels = prepare(r, s, rate);
    if (width == 0) {
      width = to_samples(options.window_seconds > 0 ? options.window_seconds : s.window_seconds, rate, "a window");
      const double hop_seconds = options.hop_seconds > 0 ? options.hop_seconds : s.hop_seconds;
      hop = hop_seconds > 0 ? to_samples(hop_seconds, rate, "a hop") : width;
      d.channels = static_cast<int>(channels.size());
      d.width = static_cast<int>(width);
      d.channel_names = s.channels.empty() ? r.channel_names : s.channels;
      stream = stream_of(r, s);
      stream.width = static_cast<int>(width), stream.hop = static_cast<int>(hop), stream.rate_hz = rate;
      d.rate_hz = rate;
      if (!front_end.empty() && front_end != "none") features.emplace(d, front_end);
    }
    const double sensor_hz = r.seconds.empty() ? r.rate_hz > 0 ? r.rate_hz : rate : 0;
    if (sensor_hz != stream.sensor_hz) stream.columns.clear();  // recordings of several sensors: no row is like another
    if (channels.size() != static_cast<std::size_t>(d.channels))
      throw Error(recording.string() + " has " + std::to_string(channels.size()) + " channels, and the recordings before it " +
                      std::to_string(d.channels),
                  "choose them with \"channels\" in the TOML file");
    const auto length = static_cast<double>(channels[0].size());
    longest = std::max(longest, length / rate);
    for (const Interval& interval : place.intervals) {
      const auto first = static_cast<std::size_t>(std::min(length, std::round(interval.start * rate)));
      const auto last = static_cast<std::size_t>(std::min(length, std::round(interval.end * rate)));
      const auto starts = find_windows(channels, first, last, width, hop, s.threshold);
      append_windows(d, channels, starts, width, features);
      labels.insert(labels.end(), starts.size(), interval.label);
      groups.insert(groups.end(), starts.size(), place.group);
    }
  }
  if (width == 0) throw Error(table_path.string() + " names none of the recordings under " + base.string());
  if (labels.empty())
    throw Error("the recordings under " + base.string() + " give no window of " + std::to_string(static_cast<double>(width) / rate) +
                    " s: the longest has " + std::to_string(longest) + " s" + (s.threshold > 0 ? ", or no peak reaches the threshold" : ""),
                "shorten [window] seconds or record longer");
  set_labels(d, labels, file.string());
  set_groups(d, groups);
  d.name = s.name.empty() ? fs::absolute(file.parent_path()).lexically_normal().filename().string() : s.name;
  if (features) features->describe(d);
  if (!stream.columns.empty()) d.stream = to_json(stream).dump();
  d.group_meaning = s.group == "file" ? "recording" : "group of recordings";
  d.provenance = file.string();
  return d;
}

}  // namespace ditmos::data
