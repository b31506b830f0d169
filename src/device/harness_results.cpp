#include "device/harness_results.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/error.hpp"

namespace ditmos::device {

HarnessResults parse_harness_results(const std::string& bytes, std::size_t windows) {
  constexpr std::size_t header_bytes = 24;
  std::uint32_t header[6];
  static_assert(sizeof header == header_bytes);
  if (bytes.size() < header_bytes) throw Error("the harness wrote no results");
  std::memcpy(header, bytes.data(), header_bytes);
  if (header[0] != 0x524D5444u) throw Error("the harness wrote something else than results");
  HarnessResults results;
  results.self_test = static_cast<int>(header[1]);
  results.arena_bytes = header[2];
  results.window_values = header[3];
  results.classes = header[4];
  results.classifiers = header[5];
  const std::size_t record = 12 + std::size_t{4} * results.classes;
  if (windows > (bytes.size() - header_bytes) / record || bytes.size() != header_bytes + windows * record)
    throw Error(fmt::format("the harness wrote {} bytes of results, expected {} windows of {} bytes",
                            bytes.size() - header_bytes, windows, record));
  results.logits.resize(windows * results.classes);
  for (std::size_t i = 0; i < windows; ++i) {
    const char* from = bytes.data() + header_bytes + i * record;
    std::int32_t label, choice;
    std::uint32_t stack;
    std::memcpy(&label, from, 4);
    std::memcpy(&choice, from + 4, 4);
    std::memcpy(&stack, from + 8, 4);
    if (results.classes) std::memcpy(results.logits.data() + i * results.classes, from + 12, record - 12);
    results.labels.push_back(label);
    results.choices.push_back(choice);
    results.stack.push_back(stack);
  }
  return results;
}

}  // namespace ditmos::device
