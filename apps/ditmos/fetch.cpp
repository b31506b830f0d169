#include <fmt/format.h>

#include <memory>

#include "core/error.hpp"
#include "core/progress.hpp"
#include "data/fetch.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct Flags {
  std::string name, to, url, sha256;
};

void run(const Flags& flags) {
  data::CatalogueEntry entry = data::find_entry(flags.name);
  if (!flags.url.empty()) entry.files = {{flags.url, flags.sha256, true}};
  const std::filesystem::path root = flags.to.empty() ? data::data_roots().front() : std::filesystem::path(flags.to);
  std::unique_ptr<Progress> progress;
  std::int64_t shown_total = 0;
  const auto folder = data::fetch(entry, root, [&](std::int64_t done, std::int64_t total) {
    if (total <= 0) return;
    if (!progress || total != shown_total) progress = std::make_unique<Progress>("fetch " + entry.name, total);
    shown_total = total;
    progress->update(done, fmt::format("{:.1f} of {:.1f} MB", static_cast<double>(done) / 1e6, static_cast<double>(total) / 1e6));
  });
  if (progress) progress->finish();
  fmt::print("{}\nlicence: {}\ncite: {}\n", folder.lexically_normal().string(), entry.licence, entry.citation);
}

}  // namespace

void add_fetch(CLI::App& app) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* verb = app.add_subcommand("fetch", "Download a known data set, check it and unpack it.");
  verb->add_option("name", flags->name, "The set; \"ditmos datasets\" lists them.")->required();
  verb->add_option("--to", flags->to, "Folder to put it in [the first of $DITMOS_DATA, or ./data].");
  CLI::Option* url = verb->add_option("--url", flags->url, "Take the archive from this address instead (a mirror).");
  verb->add_option("--sha256", flags->sha256, "Checksum that the file at --url must have, 64 hex digits.")->needs(url);
  verb->callback([flags] { run(*flags); });
}

}  // namespace ditmos::cli
