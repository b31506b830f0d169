#pragma once
#include <functional>
#include <string>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// A float32 literal that reads back to the same bits: decimal where nine digits suffice exactly, INFINITY, NAN.
std::string c_float(float value);
const char* c_type(Type type);
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
