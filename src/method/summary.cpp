#include "method/summary.hpp"

#include <fmt/format.h>

namespace ditmos::method {
namespace {

std::string percent(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_number() ? fmt::format("{:.1f} %", 100 * object[key].get<double>()) : "-";
}

}  // namespace

std::string evaluation_table(const Json& e) {
  const bool optimistic = e.value("optimistic", false);
  std::string out = fmt::format("{}, {}, protocol {}{}, seed {}\n", e.value("method", "?"), e.value("dataset", "?"), e.value("protocol", "?"),
                                optimistic ? " (optimistic: the checkpoint was chosen on the test part)" : "", e.value("seed", 0));
  if (e.contains("cost"))
    out += fmt::format("{} parameters, {} multiply-accumulates an answer\n", e["cost"].value("parameters", 0), e["cost"].value("macs", 0));
  out += fmt::format("{:<12} {:>8} {:>9} {:>9} {:>9} {:>16}\n", "part", "windows", "accuracy", "macro", "union", "selector right");
  std::size_t classifiers = 0;
  for (const auto& [name, part] : e.at("parts").items()) {
    classifiers = part.at("classifiers").size();
    const bool several = classifiers > 1;
    out += fmt::format("{:<12} {:>8} {:>9} {:>9} {:>9} {:>16}\n", name, part.value("windows", 0), percent(part, "accuracy"), percent(part, "macro_accuracy"),
                       several ? percent(part, "union_accuracy") : "-", several ? percent(part, "selector_accuracy") : "-");
  }
  if (e.contains("references"))
    for (const auto& [name, reference] : e["references"].items())
      out += fmt::format("{:<12} {:>8} {:>9} {:>9}\n", name + " (test)", "", percent(reference, "accuracy"), percent(reference, "macro_accuracy"));
  if (classifiers < 2 || !e["parts"].contains("test")) return out;
  out += "classifier   accuracy   traffic   (test)\n";
  std::size_t k = 0;
  for (const auto& c : e["parts"]["test"]["classifiers"]) out += fmt::format("{:<12} {:>8} {:>9}\n", k++, percent(c, "accuracy"), percent(c, "traffic"));
  return out;
}

}  // namespace ditmos::method
