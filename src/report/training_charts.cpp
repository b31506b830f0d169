#include <algorithm>
#include <cmath>
#include <map>

#include "report/run_report.hpp"

namespace ditmos::report {
namespace {

constexpr std::size_t kMostPoints = 800;

/// Members that say where in training a line stands, not how it goes.
bool is_position(const std::string& key) {
  for (const char* name : {"epoch", "stage_epoch", "iteration", "step", "stage", "phase", "classifier", "time", "t", "p", "seed"})
    if (key == name) return true;
  return key.find("second") != std::string::npos || key.find("learning_rate") != std::string::npos || key == "lr";
}

bool is_share(const std::string& key) {
  for (const char* part : {"accuracy", "union", "share", "traffic", "overlap"})
    if (key.find(part) != std::string::npos) return true;
  return false;
}

std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

/// Curves of one stage in the order in which their names first appear.
struct Curves {
  std::vector<std::string> order;
  std::map<std::string, LineSeries> series;

  void add(const std::string& name, double x, double y) {
    auto [it, fresh] = series.try_emplace(name);
    if (fresh) {
      order.push_back(name);
      it->second.name = name;
    }
    it->second.points.emplace_back(x, y);
  }
  std::vector<LineSeries> thinned() const {
    std::vector<LineSeries> out;
    for (const auto& name : order) {
      const LineSeries& from = series.at(name);
      LineSeries line;
      line.name = from.name;
      const std::size_t stride = (from.points.size() + kMostPoints - 1) / kMostPoints;
      for (std::size_t i = 0; i < from.points.size(); i += std::max<std::size_t>(stride, 1)) line.points.push_back(from.points[i]);
      if (stride > 1 && (from.points.size() - 1) % stride != 0) line.points.push_back(from.points.back());
      out.push_back(std::move(line));
    }
    return out;
  }
};

struct Stage {
  int lines = 0;
  std::map<std::string, int> lines_of;  ///< by classifier, where lines name one
  Curves losses, shares, others;

  /// A number, or each number of an array.
  void add(const std::string& key, const Json& value, const std::string& suffix, double x) {
    Curves& curves = is_share(key) ? shares : key.find("loss") != std::string::npos ? losses : others;
    if (value.is_number()) {
      if (std::isfinite(value.get<double>())) curves.add(words(key) + suffix, x, value.get<double>());
    } else if (value.is_array()) {
      int k = 0;
      for (const Json& item : value) {
        ++k;
        if (item.is_number() && std::isfinite(item.get<double>())) curves.add(words(key) + " " + std::to_string(k), x, item.get<double>());
      }
    }
  }
};

}  // namespace

std::vector<Chart> training_charts(const std::vector<Json>& metrics) {
  std::vector<std::string> order;
  std::map<std::string, Stage> stages;
  for (const Json& line : metrics) {
    const std::string name = text_at(line, {"stage"}, text_at(line, {"phase"}, "training"));
    auto [it, fresh] = stages.try_emplace(name);
    if (fresh) order.push_back(name);
    Stage& stage = it->second;
    std::string suffix;
    if (const auto k = number_at(line, {"classifier"})) suffix = " " + std::to_string(static_cast<int>(std::clamp(*k, 0.0, 1e6)));
    const double x = suffix.empty() ? stage.lines++ : stage.lines_of[suffix]++;
    for (const auto& [key, value] : line.items()) {
      if (is_position(key)) continue;
      stage.add(key, value, suffix, x + 1);
      if (!value.is_object()) continue;
      for (const auto& [inner, figure] : value.items()) stage.add(key + "_" + inner, figure, suffix, x + 1);
    }
  }
  std::vector<Chart> charts;
  for (const auto& name : order) {
    const Stage& stage = stages.at(name);
    const auto add = [&](const Curves& curves, const char* what, Unit unit) {
      if (curves.order.empty()) return;
      LineOptions options;
      options.x_name = "epoch of the stage";
      options.y_name = what;
      options.unit = unit;
      Chart chart = line_chart(words(name) + ": " + what, curves.thinned(), options);
      const auto& last = curves.series.at(curves.order.front());
      chart.description = std::to_string(last.points.size()) + " epochs";
      charts.push_back(std::move(chart));
    };
    add(stage.losses, "loss", Unit::number);
    add(stage.shares, "accuracy", Unit::percent);
    add(stage.others, "other figures", Unit::number);
  }
  return charts;
}

}  // namespace ditmos::report
