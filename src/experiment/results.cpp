#include "experiment/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "experiment/table.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

ResultRow read_row(const PlannedRun& run, const fs::path& folder, const Json& record) {
  const std::string name = (folder / "evaluation.json").string();
  const Json e = read_json(folder / "evaluation.json");
  const Json parts = json_get<Json>(e, "parts", name), test = json_get<Json>(parts, "test", name);
  ResultRow row;
  row.dataset = run.dataset;
  row.protocol = run.protocol;
  row.variant = run.variant;
  row.method = json_get<std::string>(e, "method", name);
  row.optimistic = json_get<bool>(e, "optimistic", name);
  row.seed = json_get<std::uint64_t>(e, "seed", name);
  row.windows = json_get<int>(test, "windows", name);
  row.accuracy = json_get<double>(test, "accuracy", name);
  row.macro_accuracy = json_get<double>(test, "macro_accuracy", name);
  row.union_accuracy = json_get<double>(test, "union_accuracy", name);
  row.selector_accuracy = json_get<double>(test, "selector_accuracy", name);
  if (parts.contains("validation")) row.validation_accuracy = json_get<double>(parts["validation"], "accuracy", name);
  if (record.contains("seconds")) row.seconds = json_get<double>(record, "seconds", name);
  if (e.contains("cost")) {
    row.parameters = json_get<std::int64_t>(e["cost"], "parameters", name);
    row.macs = json_get<std::int64_t>(e["cost"], "macs", name);
    row.ram_values = json_get<std::int64_t>(e["cost"], "ram_values", name);
  }
  const auto cka = json_get<std::vector<std::vector<double>>>(test, "cka", name);
  double sum = 0;
  int pairs = 0;
  for (std::size_t a = 0; a < cka.size(); ++a)
    for (std::size_t b = a + 1; b < cka[a].size(); ++b, ++pairs) sum += cka[a][b];
  if (pairs) row.mean_cka = sum / pairs;
  return row;
}

}  // namespace

Results collect(const std::vector<PlannedRun>& runs, const fs::path& folder) {
  Results out;
  out.planned = static_cast<int>(runs.size());
  for (const PlannedRun& run : runs) {
    const fs::path at = folder / run.folder;
    if (!fs::exists(at / "run.json")) continue;
    try {
      const Json record = read_json(at / "run.json");
      const std::string state = json_get<std::string>(record, "state", (at / "run.json").string());
      if (state == "finished")
        out.rows.push_back(read_row(run, at, record));
      else
        out.warnings.push_back(at.string() + ": left out, its state is " + state);
    } catch (const Error& e) {
      out.warnings.push_back(at.string() + ": left out: " + e.what());
    } catch (const std::exception& e) {
      out.warnings.push_back(at.string() + ": left out: " + e.what());
    }
  }
  return out;
}

std::string to_csv(const std::string& experiment, const std::vector<ResultRow>& rows) {
  std::string out =
      "experiment,dataset,protocol,optimistic,variant,method,seed,windows,accuracy,macro_accuracy,union_accuracy,selector_accuracy,"
      "validation_accuracy,mean_cka,parameters,macs,ram_values,seconds\n";
  for (const ResultRow& r : rows)
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:.1f}\n", csv_field(experiment), csv_field(r.dataset), r.protocol, r.optimistic,
                       csv_field(r.variant), r.method, r.seed, r.windows, r.accuracy, r.macro_accuracy, r.union_accuracy, r.selector_accuracy,
                       r.validation_accuracy, r.mean_cka >= 0 ? fmt::format("{}", r.mean_cka) : "", r.parameters, r.macs, r.ram_values, r.seconds);
  return out;
}

std::vector<Summary> summarize(const std::vector<ResultRow>& rows, const std::string& compare) {
  std::vector<Summary> out;
  std::vector<std::string> keys;
  std::map<std::string, std::vector<const ResultRow*>> groups;
  const auto key_of = [](const ResultRow& r, const std::string& variant) { return r.dataset + "\n" + r.protocol + "\n" + variant; };
  for (const ResultRow& row : rows) {
    auto& group = groups[key_of(row, row.variant)];
    if (group.empty()) keys.push_back(key_of(row, row.variant));
    group.push_back(&row);
  }
  for (const std::string& key : keys) {
    const auto& group = groups[key];
    Summary s;
    s.dataset = group[0]->dataset;
    s.protocol = group[0]->protocol;
    s.variant = group[0]->variant;
    s.optimistic = group[0]->optimistic;
    const auto mean = [&](std::int64_t ResultRow::*member) {  // networks that a search found differ from seed to seed
      double sum = 0;
      for (const ResultRow* r : group) sum += static_cast<double>(r->*member);
      return static_cast<std::int64_t>(std::llround(sum / static_cast<double>(group.size())));
    };
    s.parameters = mean(&ResultRow::parameters);
    s.macs = mean(&ResultRow::macs);
    s.ram_values = mean(&ResultRow::ram_values);
    s.mean_cka = group[0]->mean_cka;
    const auto over = [&](double ResultRow::*member) {
      std::vector<double> values;
      for (const ResultRow* r : group) values.push_back(r->*member);
      return interval_of(values);
    };
    s.accuracy = over(&ResultRow::accuracy);
    s.macro_accuracy = over(&ResultRow::macro_accuracy);
    s.union_accuracy = over(&ResultRow::union_accuracy);
    s.selector_accuracy = over(&ResultRow::selector_accuracy);
    s.seconds = over(&ResultRow::seconds).mean;
    if (s.mean_cka >= 0) s.mean_cka = over(&ResultRow::mean_cka).mean;
    if (const auto base = groups.find(key_of(*group[0], compare)); base != groups.end()) {
      std::vector<double> own, other;
      for (const ResultRow* r : group)
        for (const ResultRow* b : base->second)
          if (r->seed == b->seed) {
            own.push_back(r->accuracy);
            other.push_back(b->accuracy);
          }
      s.against = paired_test(own, other);
    }
    out.push_back(std::move(s));
  }
  std::stable_sort(out.begin(), out.end(), [](const Summary& a, const Summary& b) {
    return std::pair(a.dataset, a.protocol) < std::pair(b.dataset, b.protocol);
  });
  return out;
}

std::string to_table(const Experiment& x, const std::vector<Summary>& summaries, bool markdown) {
  std::string out;
  for (std::size_t at = 0; at < summaries.size();) {
    const Summary& first = summaries[at];
    const std::string heading = fmt::format("{}, protocol {}{}: accuracy on the test part in %, mean and 95 % interval over seeds", first.dataset,
                                            first.protocol, first.optimistic ? " (optimistic: checkpoint chosen on the test part)" : "");
    out += markdown ? "**" + heading + "**\n\n" : heading + "\n";
    std::vector<std::vector<std::string>> rows = {{"variant", "seeds", "accuracy", "macro", "union", "selector right", "parameters", "MACs"}};
    if (!x.compare.empty()) rows[0].insert(rows[0].end(), {"minus " + x.compare, "p"});
    for (; at < summaries.size() && summaries[at].dataset == first.dataset && summaries[at].protocol == first.protocol; ++at) {
      const Summary& s = summaries[at];
      const bool several = s.mean_cka >= 0;
      std::vector<std::string> row = {s.variant, std::to_string(s.accuracy.n), percent(s.accuracy), percent(s.macro_accuracy),
                                      several ? percent(s.union_accuracy) : "", several ? percent(s.selector_accuracy) : "",
                                      s.parameters ? std::to_string(s.parameters) : "", s.macs ? std::to_string(s.macs) : ""};
      if (!x.compare.empty()) {
        const bool tested = s.variant != x.compare && s.against.difference.n > 0;
        row.push_back(tested ? percent(s.against.difference) : "");
        row.push_back(tested && s.against.difference.n > 1 ? fmt::format("{:.3f}", s.against.p) : "");
      }
      rows.push_back(std::move(row));
    }
    out += render_table(rows, markdown) + "\n";
  }
  return out;
}

Json to_json(const Experiment& x, const std::vector<Summary>& summaries) {
  Json out = {{"name", x.name}, {"title", x.title}, {"preset", x.preset}, {"compare", x.compare}, {"rows", Json::array()}};
  for (const Summary& s : summaries)
    out["rows"].push_back({{"dataset", s.dataset}, {"protocol", s.protocol}, {"optimistic", s.optimistic}, {"variant", s.variant},
                           {"accuracy", to_json(s.accuracy)}, {"macro_accuracy", to_json(s.macro_accuracy)}, {"union_accuracy", to_json(s.union_accuracy)},
                           {"selector_accuracy", to_json(s.selector_accuracy)}, {"parameters", s.parameters}, {"macs", s.macs}, {"ram_values", s.ram_values},
                           {"mean_cka", s.mean_cka}, {"seconds", s.seconds}, {"difference", to_json(s.against.difference)}, {"p", s.against.p}});
  return out;
}

}  // namespace ditmos::experiment
