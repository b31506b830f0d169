#include "core/error.hpp"
#include "core/file.hpp"
#include "data/labels.hpp"
#include "data/sets/sets.hpp"
#include "data/sets/windowing.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace {

/// "33,Jogging,49105962326000,-0.69,12.68,0.50;" — the file has some records damaged and some lines with two.
struct Sample {
  std::string_view user, activity;
  double time = 0;
  float xyz[3] = {};
};

bool parse_sample(std::string_view record, Sample& sample) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t end = record.find(',');
    cells.push_back(trim(record.substr(0, end)));
    if (end == std::string_view::npos) break;
    record.remove_prefix(end + 1);
  }
  if (cells.size() == 7 && cells.back().empty()) cells.pop_back();
  if (cells.size() != 6 || cells[0].empty() || cells[1].empty()) return false;
  const auto time = parse_number(cells[2]);
  if (!time || !(*time > 0)) return false;
  sample.user = cells[0];
  sample.activity = cells[1];
  sample.time = *time;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto value = parse_number(cells[3 + k]);
    if (!value || !std::isfinite(*value)) return false;
    sample.xyz[k] = static_cast<float>(*value);
  }
  return true;
}

}  // namespace

Dataset read_wisdm(const std::filesystem::path& folder, const LoadOptions& options) {
  constexpr double rate = 20, largest_gap_ns = 1e9;
  const auto path = folder / "WISDM_ar_v1.1_raw.txt";
  const std::string text = read_file(path);
  Dataset d;
  d.channels = 3;
  d.channel_names = {"x", "y", "z"};
  d.rate_hz = rate;
  d.unit = "m/s^2";
  const WindowSteps steps = window_steps(options, rate, 10, 10, "wisdm");
  d.width = static_cast<int>(steps.width);
  std::vector<std::string> labels, users;
  std::vector<std::vector<float>> run(3);
  Sample sample, last;
  std::size_t damaged = 0;
  const auto finish_run = [&] {
    const std::size_t count = run[0].empty() ? 0 : cut_windows(d, run, steps);
    labels.insert(labels.end(), count, std::string(last.activity));
    users.insert(users.end(), count, std::string(last.user));
    for (auto& channel : run) channel.clear();
  };
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of(";\n"), rest.size());
    const std::string_view record = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (record.empty() || record == ",") continue;
    if (!parse_sample(record, sample)) {
      ++damaged;
      continue;
    }
    const bool goes_on = sample.user == last.user && sample.activity == last.activity && sample.time >= last.time &&
                         sample.time - last.time < largest_gap_ns;
    if (!goes_on) finish_run();
    for (std::size_t k = 0; k < 3; ++k) run[k].push_back(sample.xyz[k]);
    last = sample;
  }
  finish_run();
  if (labels.empty()) throw Error(path.string() + " gives no window of " + std::to_string(steps.width) + " samples");
  set_labels(d, labels, path.string());
  set_groups(d, users);
  d.group_meaning = "subject";
  d.provenance = path.string() + " (" + std::to_string(damaged) + " damaged records skipped); Kwapisz, Weiss, Moore, SIGKDD Explorations 12(2), 2010";
  return d;
}

}  // namespace ditmos::data
