#include "core/error.hpp"
#include "core/file.hpp"
#include "data/labels.hpp"
#include "data/sets/sets.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t width = 128;
constexpr const char* signals[] = {"body_acc_x", "body_acc_y", "body_acc_z", "body_gyro_x", "body_gyro_y",
                                   "body_gyro_z", "total_acc_x", "total_acc_y", "total_acc_z"};

/// Numbers with blanks between them, `columns` a line.
std::vector<double> read_numbers(const fs::path& path, std::size_t columns) {
  const std::string text = read_file(path);
  std::vector<double> values;
  std::size_t number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    const std::size_t before = values.size();
    for (line = trim(line); !line.empty(); line = trim(line)) {
      const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
      const auto value = parse_number(line.substr(0, end));
      if (!value)
        throw Error(path.string() + ": line " + std::to_string(number) + " has \"" + std::string(line.substr(0, std::min<std::size_t>(end, 40))) +
                    "\", expected a number");
      values.push_back(*value);
      line.remove_prefix(end);
    }
    const std::size_t got = values.size() - before;
    if (got != 0 && got != columns)
      throw Error(path.string() + ": line " + std::to_string(number) + " has " + std::to_string(got) + " numbers, expected " + std::to_string(columns));
  }
  return values;
}

void append_part(Dataset& d, std::vector<std::int64_t>& subjects, const fs::path& folder, const std::string& part) {
  const auto labels = read_numbers(folder / part / ("y_" + part + ".txt"), 1);
  const auto people = read_numbers(folder / part / ("subject_" + part + ".txt"), 1);
  const std::size_t start = d.x.size(), n = labels.size(), size = width * std::size(signals);
  if (people.size() != n)
    throw Error("uci-har: " + std::to_string(people.size()) + " subjects for " + std::to_string(n) + " labels in " + (folder / part).string());
  d.x.resize(start + n * size);
  for (std::size_t c = 0; c < std::size(signals); ++c) {
    const fs::path path = folder / part / "Inertial Signals" / (std::string(signals[c]) + "_" + part + ".txt");
    const auto values = read_numbers(path, width);
    if (values.size() != n * width)
      throw Error(path.string() + " has " + std::to_string(values.size() / width) + " windows, expected " + std::to_string(n));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < width; ++k) d.x[start + i * size + c * width + k] = static_cast<float>(values[i * width + k]);
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!(labels[i] >= 1 && labels[i] <= 6))
      throw Error("uci-har: y_" + part + ".txt has label " + std::to_string(labels[i]) + ", expected 1 to 6");
    d.y.push_back(static_cast<std::int32_t>(labels[i]) - 1);
    subjects.push_back(static_cast<std::int64_t>(people[i]));
    d.official.push_back(part == "test");
  }
}

}  // namespace

Dataset read_uci_har(const fs::path& folder, const LoadOptions&) {
  Dataset d;
  std::vector<std::int64_t> subjects;
  append_part(d, subjects, folder, "train");
  append_part(d, subjects, folder, "test");
  set_groups(d, subjects);
  d.channels = static_cast<int>(std::size(signals));
  d.channel_names.assign(std::begin(signals), std::end(signals));
  d.width = width;
  d.rate_hz = 50;
  d.unit = "g and rad/s";
  d.classes = {"walking", "walking upstairs", "walking downstairs", "sitting", "standing", "laying"};
  d.group_meaning = "subject";
  d.provenance = folder.string() + "; Anguita et al., ESANN 2013";
  return d;
}

}  // namespace ditmos::data
