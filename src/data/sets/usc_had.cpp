#include "core/error.hpp"
#include "data/folders.hpp"
#include "data/formats/mat.hpp"
#include "data/group_ids.hpp"
#include "data/name_pattern.hpp"
#include "data/sets/sets.hpp"
#include "data/sets/windowing.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;

Dataset read_usc_had(const fs::path& folder, const LoadOptions& options) {
  check_group_option(options.group, "trial", "subject");
  Dataset d;
  d.channels = 6;
  d.channel_names = {"acc x", "acc y", "acc z", "gyro x", "gyro y", "gyro z"};
  d.rate_hz = 100;
  d.unit = "g and dps";
  d.classes = {"walking forward", "walking left", "walking right", "walking upstairs", "walking downstairs", "running forward",
               "jumping up", "sitting", "standing", "sleeping", "elevator up", "elevator down"};
  const WindowSteps steps = window_steps(options, d.rate_hz, 2, 1, "usc-had");
  d.width = static_cast<int>(steps.width);
  Numbering<std::string> groups;
  for (const fs::path& subject : list_folders(folder))
    for (const fs::path& path : list_files(subject, ".mat")) {
      const auto parts = match_pattern("a{activity}t{trial}", path.stem().string());  // a1t5.mat
      const auto activity = parts ? parse_number(parts->at("activity")) : std::nullopt;
      if (!activity || !(*activity >= 1 && *activity <= 12))
        throw Error(path.string() + " is not named aACTIVITYtTRIAL.mat with an activity from 1 to 12");
      const MatMatrix m = MatFile(path).matrix("sensor_readings");
      if (m.columns != 6) throw Error(path.string() + ": sensor_readings has " + std::to_string(m.columns) + " columns, expected 6");
      std::vector<std::vector<float>> channels(6, std::vector<float>(m.rows));
      for (std::size_t c = 0; c < 6; ++c)
        for (std::size_t i = 0; i < m.rows; ++i) channels[c][i] = static_cast<float>(m.at(i, c));
      const std::string who = subject.filename().string();
      const std::size_t count = cut_windows(d, channels, steps);
      d.y.resize(d.y.size() + count, static_cast<std::int32_t>(*activity) - 1);
      d.group.resize(d.group.size() + count, groups.of(options.group == "subject" ? who : who + "/" + path.stem().string()));
    }
  if (d.y.empty()) throw Error("usc-had: no SubjectN/aXtY.mat under " + folder.string(), "give the folder that holds Subject1 .. Subject14");
  d.group_meaning = options.group == "subject" ? "subject" : "trial of a subject";
  d.provenance = folder.string() + "; Zhang, Sawchuk, USC-HAD, UbiComp 2012 workshops";
  return d;
}

}  // namespace ditmos::data
