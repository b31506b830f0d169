#pragma once
#include <cstddef>
#include <functional>

namespace ditmos::data {

/// Runs work(i) for i = 0 .. count-1 on so many threads (0: every core). Each i must write only its own place, so that the result
/// does not depend on the number of threads. The exception of the lowest failing i is thrown at the end.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work, std::size_t threads = 0);

}  // namespace ditmos::data
