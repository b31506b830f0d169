#pragma once
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// A float32 literal that reads back to the same bits: decimal where nine digits suffice exactly, INFINITY, NAN.
std::string c_float(float value);
const char* c_type(Type type);
/// static const TYPE NAME[] = {...}, eight values a line.
template <class T>
std::string c_table(const std::string& type, const std::string& name, const std::vector<T>& values) {
  std::string code = "static const " + type + " " + name + "[" + std::to_string(values.size()) + "] = {";
  for (std::size_t i = 0; i < values.size(); ++i) {
    code += i % 8 == 0 ? "\n  " : " ";
    if constexpr (std::is_floating_point_v<T>) code += c_float(static_cast<float>(values[i])) + ",";
    else code += std::to_string(values[i]) + ",";
  }
  return code + "\n};\n";
}
/// In capitals, as macros are written.
std::string upper(std::string text);
/// A C identifier made of the text; letters, digits and underscores stay.
std::string c_identifier(const std::string& text);

/// Nested loops over `dims`. Each entry of `strides` walks one operand (one stride a dimension) from its entry in `offsets` (0 where that
/// is empty); `body` gets their index expressions and returns statements. Dimensions that lie contiguous in all operands become one loop.
std::string emit_loops(std::vector<int> dims, std::vector<std::vector<int>> strides, std::vector<int> offsets, const std::function<std::string(const std::vector<std::string>&)>& body);

bool is_relu(const Clamp& clamp);
/// The expression within the clamp; `expression` is evaluated once, by the runtime's ditmos_clamp_f32.
std::string clamped(const Clamp& clamp, const std::string& expression);
/// Clamps n values in place, where a kernel's own ReLU does not do; empty for none and ReLU.
std::string emit_clamp(const Clamp& clamp, const std::string& pointer, int n);

/// Two more spaces in front of each line.
std::string indented(const std::string& code);

}  // namespace ditmos::compile
