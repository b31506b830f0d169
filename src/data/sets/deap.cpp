#include <functional>
#include <memory>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/folders.hpp"
#include "data/formats/mat.hpp"
#include "data/formats/pickle.hpp"
#include "data/group_ids.hpp"
#include "data/sets/sets.hpp"
#include "data/sets/windowing.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t trials = 40, all_channels = 40, eeg_channels = 32, samples = 8064, baseline = 384;
constexpr double rate = 128, middle = 5;  // ratings go from 1 to 9

std::int32_t label_of(DeapTask task, double valence, double arousal) {
  const int v = valence > middle, a = arousal > middle;
  return task == DeapTask::valence ? v : task == DeapTask::arousal ? a : 2 * v + a;
}

/// One subject: data[trial][channel][sample] and ratings[trial][0 valence, 1 arousal, ...].
struct Subject {
  std::function<double(std::size_t trial, std::size_t channel, std::size_t sample)> data;
  std::function<double(std::size_t trial, std::size_t rating)> rating;
};

void require_shape(const std::vector<std::size_t>& got, const std::vector<std::size_t>& expected, const fs::path& path, const char* name) {
  if (got == expected) return;
  std::string have, want;
  for (const std::size_t n : got) have.append(have.empty() ? "" : " x ").append(std::to_string(n));
  for (const std::size_t n : expected) want.append(want.empty() ? "" : " x ").append(std::to_string(n));
  throw Error(path.string() + ": " + name + " is " + have + ", expected " + want);
}

Subject read_mat_subject(const fs::path& path) {
  const MatFile file(path);
  require_shape(file.shape("data"), {trials, all_channels, samples}, path, "data");
  require_shape(file.shape("labels"), {trials, 4}, path, "labels");
  const auto data = std::make_shared<MatMatrix>(file.matrix("data")), labels = std::make_shared<MatMatrix>(file.matrix("labels"));
  return {[data](std::size_t t, std::size_t c, std::size_t k) { return data->at(t, c + all_channels * k); },
          [labels](std::size_t t, std::size_t r) { return labels->at(t, r); }};
}

Subject read_pickled_subject(const fs::path& path) {
  auto arrays = parse_pickled_arrays(read_file_limited(path, std::size_t{1} << 30), path.string());
  require_shape(arrays["data"].shape, {trials, all_channels, samples}, path, "data");
  require_shape(arrays["labels"].shape, {trials, 4}, path, "labels");
  const auto data = std::make_shared<std::vector<double>>(std::move(arrays["data"].values));
  const auto labels = std::make_shared<std::vector<double>>(std::move(arrays["labels"].values));
  return {[data](std::size_t t, std::size_t c, std::size_t k) { return (*data)[(t * all_channels + c) * samples + k]; },
          [labels](std::size_t t, std::size_t r) { return (*labels)[t * 4 + r]; }};
}

}  // namespace

Dataset read_deap(const fs::path& folder, DeapTask task, const LoadOptions& options) {
  check_group_option(options.group, "trial", "subject");
  const WindowSteps steps = window_steps(options, rate, 2, 2, "deap");
  Dataset d;
  d.channels = static_cast<int>(eeg_channels);
  d.width = static_cast<int>(steps.width);
  d.rate_hz = rate;
  d.unit = "uV";
  Numbering<std::string> groups;
  std::vector<fs::path> paths = list_files(folder, ".mat");
  const bool pickled = paths.empty();
  if (pickled) paths = list_files(folder, ".dat");
  for (const fs::path& path : paths) {
    const Subject person = pickled ? read_pickled_subject(path) : read_mat_subject(path);
    const std::string subject = path.stem().string();
    for (std::size_t t = 0; t < trials; ++t) {
      std::vector<std::vector<float>> channels(eeg_channels);
      for (std::size_t c = 0; c < eeg_channels; ++c) {
        const auto value = [&](std::size_t k) { return person.data(t, c, k); };
        double mean = 0;
        for (std::size_t k = 0; k < baseline; ++k) mean += value(k) / static_cast<double>(baseline);
        for (std::size_t k = baseline; k < samples; ++k) channels[c].push_back(static_cast<float>(value(k) - mean));
      }
      const std::size_t count = cut_windows(d, channels, steps);
      d.y.resize(d.y.size() + count, label_of(task, person.rating(t, 0), person.rating(t, 1)));
      d.group.resize(d.group.size() + count, groups.of(options.group == "subject" ? subject : subject + "/" + std::to_string(t)));
    }
  }
  if (d.y.empty()) throw Error("deap: no sNN.mat and no sNN.dat in " + folder.string(), "give the folder data_preprocessed_matlab or data_preprocessed_python");
  d.classes = {"low", "high"};
  if (task == DeapTask::quadrants)
    d.classes = {"low valence, low arousal", "low valence, high arousal", "high valence, low arousal", "high valence, high arousal"};
  d.group_meaning = options.group == "subject" ? "subject" : "trial of a subject";
  d.provenance = folder.string() + "; Koelstra et al., DEAP, IEEE Trans. Affective Computing 3(1), 2012";
  return d;
}

}  // namespace ditmos::data
