#include "data/inspect.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "core/error.hpp"
#include "data/split.hpp"

namespace ditmos::data {
namespace {

bool is_clipped(std::span<const float> samples, float least, float most) {
  int run = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool at_limit = samples[i] == least || samples[i] == most;
    run = !at_limit ? 0 : i > 0 && samples[i] == samples[i - 1] ? run + 1 : 1;
    if (run >= 3) return true;
  }
  return false;
}

bool is_constant(std::span<const float> channel) {
  return std::all_of(channel.begin(), channel.end(), [&](float v) { return v == channel[0]; });
}

void count_classes(const Dataset& d, Inspection& r) {
  std::vector<std::set<std::int32_t>> groups(d.classes.size());
  for (const std::string& name : d.classes) r.classes.push_back({name, 0, 0});
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (d.y[i] < 0 || static_cast<std::size_t>(d.y[i]) >= d.classes.size()) continue;
    const auto c = static_cast<std::size_t>(d.y[i]);
    ++r.classes[c].windows;
    if (!d.group.empty()) groups[c].insert(d.group[i]);
  }
  std::size_t least = d.size(), most = 0;
  for (std::size_t c = 0; c < groups.size(); ++c) {
    r.classes[c].groups = groups[c].size();
    least = std::min(least, r.classes[c].windows);
    most = std::max(most, r.classes[c].windows);
  }
  r.imbalance = least == 0 ? 0 : static_cast<double>(most) / static_cast<double>(least);
  r.groups = std::set<std::int32_t>(d.group.begin(), d.group.end()).size();
}

void measure_channels(const Dataset& d, Inspection& r) {
  const std::size_t plane = d.window_size() / static_cast<std::size_t>(d.channels);
  for (std::size_t c = 0; c < static_cast<std::size_t>(d.channels); ++c) {
    Inspection::Channel channel;
    channel.name = d.channel_names.empty() ? std::to_string(c) : d.channel_names[c];
    float least = 0, most = 0;
    double sum = 0, squares = 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < d.size(); ++i)
      for (const float v : d.window(i).subspan(c * plane, plane)) {
        if (!std::isfinite(v)) continue;
        least = n == 0 ? v : std::min(least, v);
        most = n == 0 ? v : std::max(most, v);
        sum += static_cast<double>(v);
        squares += static_cast<double>(v) * static_cast<double>(v);
        ++n;
      }
    if (n > 0) {
      channel.mean = sum / static_cast<double>(n);
      channel.deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(n) - channel.mean * channel.mean));
    }
    channel.least = static_cast<double>(least);
    channel.most = static_cast<double>(most);
    for (std::size_t i = 0; i < d.size() && least < most; ++i)
      channel.clipped += is_clipped(d.window(i).subspan(c * plane, plane), least, most);
    r.channels.push_back(channel);
  }
}

void compare_windows(const Dataset& d, Inspection& r) {
  std::unordered_map<std::string_view, std::size_t> seen;
  seen.reserve(d.size());
  const std::size_t plane = d.window_size() / static_cast<std::size_t>(d.channels);
  for (std::size_t i = 0; i < d.size(); ++i) {
    const auto window = d.window(i);
    if (std::any_of(window.begin(), window.end(), [](float v) { return !std::isfinite(v); })) {
      if (++r.not_finite <= 10) r.not_finite_first.push_back(i);
    }
    bool constant = true;
    for (std::size_t c = 0; c < static_cast<std::size_t>(d.channels); ++c)
      constant = constant && is_constant(window.subspan(c * plane, plane));
    r.constant += constant;
    const std::string_view bytes(reinterpret_cast<const char*>(window.data()), window.size_bytes());
    const auto [earlier, is_new] = seen.emplace(bytes, i);
    if (is_new) continue;
    ++r.duplicates;
    r.conflicting += d.y[i] != d.y[earlier->second];
    r.across_groups += !d.group.empty() && d.group[i] != d.group[earlier->second];
  }
}

double find_leakage(const Dataset& d) {
  if (d.group.empty() || d.classes.size() < 2) return 0;
  try {
    const Split split = make_split(d, {});
    std::set<std::int32_t> trained;
    for (const auto i : split.train) trained.insert(d.group[i]);
    std::size_t shared = 0;
    for (const auto i : split.test) shared += trained.count(d.group[i]);
    return split.test.empty() ? 0 : static_cast<double>(shared) / static_cast<double>(split.test.size());
  } catch (const Error&) {
    return 0;  // too small to split: nothing can leak
  }
}

void warn(const Dataset& d, Inspection& r) {
  const auto add = [&](std::string sentence) { r.warnings.push_back(std::move(sentence)); };
  if (r.not_finite > 0) add(fmt::format("{} windows hold NaN or infinite samples (the first is window {}); training refuses them", r.not_finite, r.not_finite_first[0]));
  for (const auto& c : r.classes)
    if (c.windows == 0) add(fmt::format("class \"{}\" has no window", c.name));
  if (r.conflicting > 0) add(fmt::format("{} windows equal an earlier one of another class", r.conflicting));
  if (r.leakage > 0.05)
    add(fmt::format("leakage: under window-random, {:.0f} % of the test windows share their {} with training; use --protocol group",
                    100 * r.leakage, d.group_meaning.empty() ? "group" : d.group_meaning));
  if (d.group.empty()) add("no groups: windows of one recording may stand on both sides of a split");
  if (r.duplicates > 0) add(fmt::format("{} windows are exact duplicates of earlier ones, {} of them across groups", r.duplicates, r.across_groups));
  for (const auto& c : r.classes)
    if (c.groups == 1 && r.groups > 1) add(fmt::format("class \"{}\" is in one group only, so a group split cannot test it", c.name));
  for (const auto& c : r.classes)
    if (c.windows > 0 && c.windows < 10) add(fmt::format("class \"{}\" has only {} windows", c.name, c.windows));
  if (r.imbalance > 5) add(fmt::format("the largest class has {:.0f} times the windows of the smallest; read macro accuracy", r.imbalance));
  for (const auto& c : r.channels)
    if (20 * c.clipped > r.windows)
      add(fmt::format("channel {} is clipped at {:g} or {:g} in {} windows", c.name, c.least, c.most, c.clipped));
  if (r.constant > 0) add(fmt::format("{} windows never change", r.constant));
}

}  // namespace

Inspection inspect(const Dataset& d) {
  Inspection r;
  r.windows = d.size();
  if (d.window_size() == 0 || d.x.size() != d.size() * d.window_size())
    throw Error(d.name + ": " + std::to_string(d.x.size()) + " values for " + std::to_string(d.size()) + " windows of " +
                std::to_string(d.window_size()));
  count_classes(d, r);
  measure_channels(d, r);
  compare_windows(d, r);
  r.leakage = find_leakage(d);
  warn(d, r);
  return r;
}

Json to_json(const Inspection& r, const Dataset& d) {
  Json classes = Json::array(), channels = Json::array();
  for (const auto& c : r.classes) classes.push_back({{"name", c.name}, {"windows", c.windows}, {"groups", c.groups}});
  for (const auto& c : r.channels)
    channels.push_back({{"name", c.name}, {"least", c.least}, {"most", c.most}, {"mean", c.mean}, {"deviation", c.deviation},
                        {"clipped", c.clipped}});
  return {{"dataset", d.name},
          {"provenance", d.provenance},
          {"windows", r.windows},
          {"shape", {d.channels, d.height, d.width}},
          {"rate_hz", d.rate_hz},
          {"unit", d.unit},
          {"front_end", d.front_end.empty() ? Json() : Json::parse(d.front_end)},
          {"group_meaning", d.group_meaning},
          {"groups", r.groups},
          {"official_split", !d.official.empty()},
          {"classes", classes},
          {"channels", channels},
          {"imbalance", r.imbalance},
          {"not_finite", r.not_finite},
          {"not_finite_first", r.not_finite_first},
          {"constant", r.constant},
          {"duplicates", r.duplicates},
          {"conflicting_duplicates", r.conflicting},
          {"duplicates_across_groups", r.across_groups},
          {"leakage_window_random", r.leakage},
          {"warnings", r.warnings}};
}

}  // namespace ditmos::data
