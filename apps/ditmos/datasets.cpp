#include <fmt/format.h>

#include <memory>

#include "core/json.hpp"
#include "data/catalogue.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct Flags {
  std::string name;
  bool json = false;
};

std::string place_of(const data::CatalogueEntry& entry) {
  return entry.markers.empty() ? "built in" : data::find_data(entry).lexically_normal().string();
}

Json to_json(const data::CatalogueEntry& entry) {
  const std::string place = place_of(entry);
  return {{"name", entry.name},         {"task", entry.task},         {"licence", entry.licence},
          {"citation", entry.citation}, {"layout", entry.layout},     {"here", place.empty() ? Json() : Json(place)},
          {"fetch", !entry.files.empty()}, {"how_to_get", entry.how_to_get}};
}

void print_one(const data::CatalogueEntry& entry) {
  const std::string place = place_of(entry);
  fmt::print("{}\n  task      {}\n  licence   {}\n  citation  {}\n  layout    {}\n  here      {}\n  get it    {}\n", entry.name,
             entry.task, entry.licence, entry.citation, entry.layout, place.empty() ? "no" : place, entry.how_to_get);
}

void print_all() {
  std::string absent;
  fmt::print("{:<22}{:<6}{}\n", "name", "here", "task");
  for (const auto& entry : data::catalogue()) {
    const bool here = !place_of(entry).empty();
    fmt::print("{:<22}{:<6}{}\n", entry.name, here ? "yes" : "-", entry.task);
    if (!here) absent += fmt::format("  {:<20}{}\n", entry.name, entry.how_to_get);
  }
  if (!absent.empty()) fmt::print("\nTo get the rest:\n{}", absent);
  fmt::print("\nLooked in:");
  for (const auto& root : data::data_roots()) fmt::print(" {}", root.lexically_normal().string());
  fmt::print("\nSet DITMOS_DATA to look elsewhere. Licence, citation and layout: ditmos datasets NAME\n"
             "Your own data needs no name: ditmos inspect PATH (CSV, NPY, .ts, WAV folders and more).\n");
}

void run(const Flags& flags) {
  if (!flags.name.empty()) {
    const auto& entry = data::find_entry(flags.name);
    flags.json ? fmt::print("{}\n", to_json(entry).dump(2)) : print_one(entry);
    return;
  }
  if (!flags.json) return print_all();
  Json all = Json::array();
  for (const auto& entry : data::catalogue()) all.push_back(to_json(entry));
  fmt::print("{}\n", all.dump(2));
}

}  // namespace

void add_datasets(CLI::App& app) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand("datasets", "List the known data sets: which are here, and how to get the rest.");
  verb->add_option("name", flags->name, "Show one set with licence, citation and layout.");
  verb->add_flag("--json", flags->json, "Print JSON.");
  verb->callback([flags] { run(*flags); });
}

}  // namespace ditmos::cli
