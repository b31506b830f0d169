#include <fmt/format.h>

#include <memory>

#include "core/file.hpp"
#include "data/catalogue.hpp"
#include "data/inspect.hpp"
#include "inspect_page.hpp"
#include "load_flags.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct Flags {
  std::string data, folder, html;
  data::LoadOptions load;
  bool json = false;
};

void print(const data::Inspection& r, const data::Dataset& d) {
  fmt::print("{}: {} windows of {} x {}{}", d.name, r.windows, d.channels, d.height > 1 ? fmt::format("{} x ", d.height) : "", d.width);
  if (d.rate_hz > 0) fmt::print(" at {:g} Hz", d.rate_hz);
  if (!d.unit.empty()) fmt::print(", {}", d.unit);
  fmt::print("\nfrom {}\n", d.provenance);
  if (!d.front_end.empty()) fmt::print("front end {}\n", d.front_end);
  if (r.groups > 0) fmt::print("{} groups ({})\n", r.groups, d.group_meaning.empty() ? "group" : d.group_meaning);
  if (!d.official.empty()) fmt::print("has the publisher's train and test parts\n");
  std::size_t most = 1;
  for (const auto& c : r.classes) most = std::max(most, c.windows);
  fmt::print("\n{:<36}{:>8}{:>8}\n", "class", "windows", "groups");
  for (const auto& c : r.classes)
    fmt::print("{:<36}{:>8}{:>8}  {}\n", c.name, c.windows, c.groups, std::string((c.windows * 30 + most - 1) / most, '#'));
  fmt::print("\n{:<16}{:>12}{:>12}{:>12}{:>12}{:>9}\n", "channel", "least", "most", "mean", "deviation", "clipped");
  constexpr std::size_t shown = 16;
  for (std::size_t i = 0; i < std::min(shown, r.channels.size()); ++i) {
    const auto& c = r.channels[i];
    fmt::print("{:<16}{:>12.5g}{:>12.5g}{:>12.5g}{:>12.5g}{:>9}\n", c.name, c.least, c.most, c.mean, c.deviation, c.clipped);
  }
  if (r.channels.size() > shown) fmt::print("... and {} more channels\n", r.channels.size() - shown);
  fmt::print("\n");
  for (const auto& sentence : r.warnings) fmt::print("note: {}\n", sentence);
  if (r.warnings.empty()) fmt::print("nothing to note\n");
}

void run(const Flags& flags) {
  bool known = false;
  for (const auto& entry : data::catalogue()) known = known || entry.name == flags.data;
  data::LoadOptions options = flags.load;
  options.check = false;
  const data::Dataset d = known ? data::load_dataset(flags.data, flags.folder, options)
                                : data::load_path(flags.data, options);
  const data::Inspection r = data::inspect(d);
  if (!flags.html.empty()) write_file_atomic(flags.html, inspection_page(r, d));
  if (flags.json) {
    fmt::print("{}\n", data::to_json(r, d).dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    print(r, d);
  }
}

}  // namespace

void add_inspect(CLI::App& app) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand(
      "inspect", "Show what is in a data set: classes, groups, duplicates, leakage risk, clipping, NaN.");
  verb->add_option("data", flags->data, "A known set (see \"ditmos datasets\"), or a file or folder of your own.")->required();
  verb->add_option("--folder,--data", flags->folder, "The folder of a known set, where it is not found by itself.");
  verb->add_flag("--json", flags->json, "Print JSON.");
  verb->add_option("--html", flags->html, "Also write a page with pictures: balance, a window of each class, channels.")->type_name("FILE");
  add_load_flags(*verb, flags->load);
  verb->callback([flags] { run(*flags); });
}

}  // namespace ditmos::cli
