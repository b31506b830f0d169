#include <algorithm>
#include <tuple>

#include "core/error.hpp"
#include "data/formats/mat.hpp"
#include "data/group_ids.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr int activities = 9;  // classes 1..9 are activities of daily living, 10..17 are falls

fs::path require_file(const fs::path& folder, const char* name) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) throw Error("no such folder: " + folder.string(), "check --data");
  if (!fs::exists(folder / name, code))
    throw Error("UniMiB-SHAR: " + (folder / name).string() + " is missing",
                "give the folder with the official MAT files, as the data set's download unpacks them");
  return folder / name;
}

int whole_number(double value, double low, double high, const std::string& where) {
  if (!(value >= low && value <= high) || value != static_cast<int>(value))
    throw Error(where + " is " + std::to_string(value) + ", expected a whole number from " +
                std::to_string(static_cast<int>(low)) + " to " + std::to_string(static_cast<int>(high)));
  return static_cast<int>(value);
}

/// Class, subject and trial of a row of a labels file, whose columns are these three.
struct Row {
  int label, subject, trial;
};

std::vector<Row> read_rows(const fs::path& path, const char* variable, int classes) {
  const MatMatrix m = MatFile(path).matrix(variable);
  if (m.columns != 3)
    throw Error(path.string() + ": " + variable + " has " + std::to_string(m.columns) +
                " columns, expected 3 (class, subject, trial)");
  std::vector<Row> rows;
  for (std::size_t i = 0; i < m.rows; ++i) {
    const std::string where = path.string() + ": row " + std::to_string(i + 1);
    rows.push_back({whole_number(m.at(i, 0), 1, classes, where + ", class"),
                    whole_number(m.at(i, 1), 1, 100000, where + ", subject"),
                    whole_number(m.at(i, 2), 0, 100000, where + ", trial")});
  }
  return rows;
}

/// A row holds x then y then z of the window, which is our (channel, position) order.
void append_window(Dataset& d, const MatMatrix& m, std::size_t row) {
  for (std::size_t c = 0; c < m.columns; ++c) d.x.push_back(static_cast<float>(m.at(row, c)));
}

Dataset describe(int width, const LoadOptions& options) {
  check_group_option(options.group, "trial", "subject");
  Dataset d;
  d.channels = 3;
  d.width = width;
  d.rate_hz = 50;
  d.unit = "m/s^2";
  d.channel_names = {"x", "y", "z"};
  d.group_meaning = options.group == "subject" ? "subject" : "trial of a subject";
  return d;
}

/// Drops classes that no window has: a part of the set may lack some.
void drop_empty_classes(Dataset& d) {
  std::vector<std::int32_t> renamed(d.classes.size(), -1);
  std::vector<std::string> kept;
  for (std::size_t c = 0; c < d.classes.size(); ++c) {
    if (std::find(d.y.begin(), d.y.end(), static_cast<std::int32_t>(c)) == d.y.end()) continue;
    renamed[c] = static_cast<std::int32_t>(kept.size());
    kept.push_back(d.classes[c]);
  }
  for (auto& y : d.y) y = renamed[static_cast<std::size_t>(y)];
  d.classes = kept;
}

/// The fold that tests each window: a cell a class, a row a fold, numbers of the class's windows from 1.
void read_folds(Dataset& d, const fs::path& path, const std::vector<MatMatrix>& windows) {
  const auto cells = MatFile(path).matrix_cells("test_idxs");
  if (cells.size() != windows.size())
    throw Error(path.string() + " has " + std::to_string(cells.size()) + " cells, expected " + std::to_string(windows.size()) + " as there are classes");
  d.folds = static_cast<int>(std::min<std::size_t>(cells[0].rows, 100));
  for (std::size_t c = 0; c < cells.size(); ++c) {
    std::vector<std::int8_t> fold(windows[c].rows, -1);
    bool sound = cells[c].rows == static_cast<std::size_t>(d.folds) && cells[c].values.size() == fold.size();
    for (std::size_t i = 0; sound && i < cells[c].values.size(); ++i) {
      const double number = cells[c].values[i];
      sound = number >= 1 && number <= static_cast<double>(fold.size()) && fold[static_cast<std::size_t>(number) - 1] == -1;
      if (sound) fold[static_cast<std::size_t>(number) - 1] = static_cast<std::int8_t>(i % cells[c].rows);
    }
    if (!sound) throw Error(path.string() + ": cell " + std::to_string(c + 1) + " does not name each of its " + std::to_string(fold.size()) + " windows once");
    d.official.insert(d.official.end(), fold.begin(), fold.end());
  }
}

}  // namespace

Dataset read_unimib(const fs::path& folder, UnimibTask task, const LoadOptions& options) {
  const fs::path data_path = require_file(folder, "acc_data.mat");
  const fs::path labels_path = require_file(folder, "acc_labels.mat");
  const fs::path names_path = require_file(folder, "acc_names.mat");
  Dataset d = describe(151, options);
  std::size_t name_rows = 0;
  const auto names = MatFile(names_path).string_cells("acc_names", name_rows);
  if (name_rows == 0 || names.size() / name_rows != 17)
    throw Error(names_path.string() + ": acc_names has " + std::to_string(name_rows == 0 ? 0 : names.size() / name_rows) +
                " columns, expected 17 class names");
  const MatMatrix m = MatFile(data_path).matrix("acc_data");
  if (m.columns != 453)
    throw Error(data_path.string() + ": acc_data has " + std::to_string(m.columns) + " columns, expected 453 (3 x 151)");
  const auto rows = read_rows(labels_path, "acc_labels", 17);
  if (rows.size() != m.rows)
    throw Error("UniMiB-SHAR: acc_data.mat has " + std::to_string(m.rows) + " windows and acc_labels.mat " +
                std::to_string(rows.size()) + " labels");
  if (task == UnimibTask::binary2) d.classes = {"activity", "fall"};
  const int first = task == UnimibTask::falls8 ? activities : 0;
  const int last = task == UnimibTask::activities9 ? activities : 17;
  for (int c = first; d.classes.size() < 17 && task != UnimibTask::binary2 && c < last; ++c)
    d.classes.push_back(names[static_cast<std::size_t>(c) * name_rows]);
  Numbering<std::tuple<int, int, int>> groups;
  d.x.reserve(m.values.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int label = rows[i].label - 1;
    if (label < first || label >= last) continue;
    append_window(d, m, i);
    d.y.push_back(task == UnimibTask::binary2 ? label >= activities : label - first);
    d.group.push_back(options.group == "subject" ? groups.of({rows[i].subject, 0, 0})
                                                 : groups.of({rows[i].subject, label, rows[i].trial}));
  }
  drop_empty_classes(d);
  d.provenance = data_path.string() + "; Micucci, Mobilio, Napoletano, Applied Sciences 7(10):1101, 2017";
  return d;
}

Dataset read_unimib_falls51(const fs::path& folder, const LoadOptions& options) {
  const fs::path data_path = require_file(folder, "fall_splitted_data5_folds.mat");
  const fs::path labels_path = require_file(folder, "fall_labels.mat");
  const fs::path names_path = require_file(folder, "fall_names.mat");
  Dataset d = describe(51, options);
  std::size_t name_rows = 0;
  d.classes = MatFile(names_path).string_cells("fall_names", name_rows);
  const auto cells = MatFile(data_path).matrix_cells("splitted_data");
  if (cells.size() != d.classes.size())
    throw Error(data_path.string() + " has " + std::to_string(cells.size()) + " cells for " +
                std::to_string(d.classes.size()) + " class names");
  const auto rows = read_rows(labels_path, "fall_labels", static_cast<int>(cells.size()));
  Numbering<std::tuple<int, int, int>> groups;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const MatMatrix& m = cells[c];
    const std::string where = data_path.string() + ": cell " + std::to_string(c + 1);
    if (m.columns != 153) throw Error(where + " has " + std::to_string(m.columns) + " columns, expected 153 (3 x 51)");
    std::size_t next = 0;
    for (std::size_t r = 0; r < m.rows; ++r, ++next) {
      while (next < rows.size() && rows[next].label != static_cast<int>(c) + 1) ++next;
      if (next == rows.size()) throw Error(where + " has more windows than fall_labels.mat has labels of that class");
      append_window(d, m, r);
      d.y.push_back(static_cast<std::int32_t>(c));
      d.group.push_back(options.group == "subject" ? groups.of({rows[next].subject, 0, 0})
                                                   : groups.of({rows[next].subject, static_cast<int>(c), rows[next].trial}));
    }
  }
  std::error_code code;
  if (const fs::path folds = folder / "fall_test_idxs5_folds.mat"; fs::exists(folds, code)) read_folds(d, folds, cells);
  d.provenance = data_path.string() + "; Micucci, Mobilio, Napoletano, Applied Sciences 7(10):1101, 2017";
  return d;
}

}  // namespace ditmos::data
