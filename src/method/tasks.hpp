#pragma once
#include <string>
#include <vector>

#include "method/config.hpp"

namespace ditmos::method {

/// Networks for one kind of data and one size of chip: selector, classifiers, and the baselines beside them. With int8, selector and classifiers
/// fit 128 KB of RAM and 1 MB of flash, those of names ending in -small 16 KB and 128 KB, front end and code included.
struct Task {
  std::string name, help;
  std::vector<std::pair<std::string, std::string>> options;  ///< dotted name, value
  int most_shift = 0;  ///< a recipe that shifts windows shifts them by at most so much; 0: as the recipe does
};

const std::vector<Task>& tasks();
std::vector<std::string> task_names();

/// Sets config.task and its options; an empty name leaves the networks as they are. Throws Error for an unknown name (nearest name).
void use_task(Config& config, const std::string& name);

}  // namespace ditmos::method
