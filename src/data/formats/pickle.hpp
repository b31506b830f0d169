#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ditmos::data {

/// A NumPy array of floats or integers, C order.
struct PickledArray {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

/// The arrays of a pickled dictionary of text to NumPy array, such as DEAP's sNN.dat (protocols 2 to 4). A
/// pickle is a program; this reader knows the few operations that build such a dictionary, runs nothing, and
/// throws Error (name, byte) for any other operation or callable, and for whatever is damaged.
std::map<std::string, PickledArray> parse_pickled_arrays(std::string_view file, const std::string& name);

}  // namespace ditmos::data
