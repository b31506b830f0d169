#include "data/formats/text_segments.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/folders.hpp"
#include "data/labels.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

std::vector<float> read_segment(const fs::path& path) {
  const std::string text = read_file(path);
  std::vector<float> samples;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (trim(line).empty()) continue;
    const auto value = parse_number(line);
    if (!value)
      throw Error(path.string() + ": line " + std::to_string(number) + " is \"" + std::string(trim(line).substr(0, 40)) +
                  "\", expected one sample a line");
    samples.push_back(static_cast<float>(*value));
  }
  return samples;
}

}  // namespace

Dataset read_text_segments(const fs::path& folder, int width, int hop) {
  Dataset d;
  d.channels = 1;
  std::vector<std::string> labels;
  std::int32_t segment = 0;
  for (const fs::path& of_class : list_folders(folder))
    for (const fs::path& path : list_files(of_class, ".txt")) {
      const std::vector<float> samples = read_segment(path);
      if (width == 0) {
        width = static_cast<int>(samples.size());
        hop = std::max(1, width);
      }
      const auto length = static_cast<std::size_t>(width), step = static_cast<std::size_t>(hop);
      if (samples.size() < length || length == 0)
        throw Error(path.string() + " has " + std::to_string(samples.size()) + " samples, fewer than a window of " +
                    std::to_string(length));
      for (std::size_t at = 0; at + length <= samples.size(); at += step) {
        d.x.insert(d.x.end(), samples.begin() + static_cast<std::ptrdiff_t>(at),
                   samples.begin() + static_cast<std::ptrdiff_t>(at + length));
        labels.push_back(of_class.filename().string());
        d.group.push_back(segment);
      }
      ++segment;
    }
  if (labels.empty())
    throw Error("no text files in folders under " + folder.string(), "expected a folder a class, a .txt file a segment");
  d.width = width;
  set_labels(d, labels, folder.string());
  d.group_meaning = "segment";
  d.provenance = folder.string();
  return d;
}

}  // namespace ditmos::data
