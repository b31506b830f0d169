#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace ditmos::report {

/// A run as the list shows it.
struct RunEntry {
  std::string id;  ///< path below the served folder, with '/'
  std::filesystem::path folder;
  std::string dataset, protocol, method, state, stage;
  bool optimistic = false;
  std::optional<double> seed, accuracy, macro_accuracy;
  std::size_t epochs = 0;  ///< lines of metrics.jsonl
};

/// An experiment: a folder that holds a summary.json of ditmos experiment.
struct ExperimentEntry {
  std::string id;  ///< path below the served folder, with '/'
  std::filesystem::path folder;
  std::string title, preset;
  std::size_t rows = 0;  ///< of its table
};

/// The runs below a folder, found anew at each call; what their files say is kept until they change.
class RunList {
 public:
  static constexpr int kDeepest = 6;             ///< folders below the root
  static constexpr std::size_t kMostRuns = 5000;

  explicit RunList(std::filesystem::path root) : root_(std::move(root)) {}
  /// Sorted by id. Links to folders are not followed.
  std::vector<RunEntry> runs();
  /// The folder of a run by its id; nothing unless runs() would list that id, so no other folder can be reached.
  std::optional<std::filesystem::path> folder_of(const std::string& id);
  /// The experiments below the folder, sorted by id; and the folder of one, as folder_of does.
  std::vector<ExperimentEntry> experiments() const;
  std::optional<std::filesystem::path> experiment_folder_of(const std::string& id) const;
  const std::filesystem::path& root() const { return root_; }

 private:
  struct Known {
    std::string stamp;  ///< sizes and times of the files
    RunEntry entry;
  };
  using Found = std::vector<std::pair<std::string, std::filesystem::path>>;
  Found find(bool (*wanted)(const std::filesystem::path&)) const;

  std::filesystem::path root_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace ditmos::report
