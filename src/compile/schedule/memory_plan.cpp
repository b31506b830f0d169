#include "compile/schedule/memory_plan.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "core/random.hpp"

namespace ditmos::compile {
namespace {

bool live_together(const Buffer& a, const Buffer& b) {
  const bool alternatives = a.lane >= 0 && b.lane >= 0 && a.lane != b.lane;
  return !alternatives && a.first <= b.last && b.first <= a.last;
}

std::size_t aligned(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

/// Each buffer at the lowest offset that is free among those placed before it.
std::size_t place(std::vector<Buffer>& buffers, const std::vector<std::size_t>& order) {
  std::vector<const Buffer*> placed, neighbours;
  std::size_t bytes = 0;
  for (const std::size_t index : order) {
    Buffer& buffer = buffers[index];
    neighbours.clear();
    for (const Buffer* other : placed)
      if (live_together(buffer, *other)) neighbours.push_back(other);
    std::sort(neighbours.begin(), neighbours.end(), [](const Buffer* a, const Buffer* b) { return a->offset < b->offset; });
    std::size_t offset = 0;
    for (const Buffer* other : neighbours) {
      if (offset + aligned(buffer.size) <= other->offset) break;
      offset = std::max(offset, other->offset + aligned(other->size));
    }
    buffer.offset = offset;
    bytes = std::max(bytes, offset + aligned(buffer.size));
    placed.push_back(&buffer);
  }
  return bytes;
}

}  // namespace

std::size_t lower_bound_bytes(const std::vector<Buffer>& buffers) {
  // The sum grows only where a buffer begins, and each alternative counts by itself.
  std::set<std::pair<int, int>> moments;
  for (const Buffer& buffer : buffers) {
    moments.insert({buffer.first, buffer.lane});
    if (buffer.lane < 0)
      for (const Buffer& other : buffers) moments.insert({buffer.first, other.lane});
  }
  std::size_t most = 0;
  for (const auto& [step, lane] : moments) {
    std::size_t sum = 0;
    for (const Buffer& buffer : buffers)
      if ((buffer.lane < 0 || buffer.lane == lane) && buffer.first <= step && step <= buffer.last) sum += aligned(buffer.size);
    most = std::max(most, sum);
  }
  return most;
}

std::size_t plan_offsets(std::vector<Buffer>& buffers) {
  const std::size_t bound = lower_bound_bytes(buffers);
  std::vector<std::size_t> order(buffers.size()), best_order;
  std::size_t best = 0;
  const auto consider = [&] {
    const std::size_t bytes = place(buffers, order);
    if (best_order.empty() || bytes < best) best = bytes, best_order = order;
  };
  const auto sorted_by = [&](auto key) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(buffers[a]) > key(buffers[b]); });
    consider();
  };
  sorted_by([](const Buffer& b) { return static_cast<long>(b.size); });
  sorted_by([](const Buffer& b) { return static_cast<long>(b.last - b.first); });
  sorted_by([](const Buffer& b) { return static_cast<long>(b.size) * (b.last - b.first + 1); });
  sorted_by([](const Buffer& b) { return static_cast<long>(-b.first); });
  Random random(1);
  const int tries = buffers.size() > 200 ? 0 : 2000;
  for (int i = 0; i < tries && best > bound && buffers.size() > 1; ++i) {
    order = best_order;
    for (std::uint64_t swaps = 1 + random.below(3); swaps > 0; --swaps) std::swap(order[random.below(order.size())], order[random.below(order.size())]);
    const std::size_t bytes = place(buffers, order);
    if (bytes <= best) best = bytes, best_order = order;
  }
  best = place(buffers, best_order);
  check_offsets(buffers, best);
  return best;
}

void check_offsets(const std::vector<Buffer>& buffers, std::size_t bytes) {
  for (const Buffer& a : buffers) {
    if (a.offset + a.size > bytes) throw Error("internal: buffer \"" + a.name + "\" ends beyond the arena");
    for (const Buffer& b : buffers) {
      const bool alternatives = a.lane >= 0 && b.lane >= 0 && a.lane != b.lane;
      const bool apart_in_time = a.last < b.first || b.last < a.first;
      const bool apart_in_space = a.offset + a.size <= b.offset || b.offset + b.size <= a.offset;
      if (&a != &b && !alternatives && !apart_in_time && !apart_in_space && a.size > 0 && b.size > 0)
        throw Error("internal: buffers \"" + a.name + "\" and \"" + b.name + "\" overlap");
    }
  }
}

}  // namespace ditmos::compile
