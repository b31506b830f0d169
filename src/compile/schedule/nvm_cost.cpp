#include "compile/schedule/nvm_cost.hpp"

namespace ditmos::compile {
namespace {

constexpr double kWordMs = 0.016, kEraseMs = 1000;
constexpr std::size_t kSectorBytes = 128 * 1024, kSectors = 2, kEndurance = 10000, kSectorHeaderWords = 3, kRecordHeaderWords = 4;

}  // namespace

NvmCost nvm_cost(const Plan& plan) {
  NvmCost cost;
  for (const ParkedMap& map : plan.parked) {
    cost.bytes += map.size;
    cost.words += (map.size + 3) / 4 + kRecordHeaderWords;
  }
  if (cost.words == 0) return cost;
  cost.write_ms = static_cast<double>(cost.words) * kWordMs;
  const std::size_t inferences_a_sector = (kSectorBytes / 4 - kSectorHeaderWords) / cost.words;
  if (inferences_a_sector == 0) return cost;
  cost.erase_ms = kEraseMs / static_cast<double>(inferences_a_sector);
  cost.inferences_until_worn = static_cast<std::int64_t>(kSectors * kEndurance * inferences_a_sector);
  return cost;
}

}  // namespace ditmos::compile
