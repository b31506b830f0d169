#include "compile/emit_c/c_text.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <limits>

#include "compile/ops/shapes.hpp"

namespace ditmos::compile {

std::string c_float(float value) {
  if (std::isnan(value)) return "NAN";
  if (std::isinf(value)) return value > 0 ? "INFINITY" : "-INFINITY";
  std::string text = fmt::format("{}", value);  // the shortest decimal that reads back the same
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

const char* c_type(Type type) {
  switch (type) {
    case Type::f32: return "float";
    case Type::s8: return "int8_t";
    case Type::u8: return "uint8_t";
    case Type::s32: break;
  }
  return "int32_t";
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string c_identifier(const std::string& text) {
  std::string name;
  for (const char c : text) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) ? "_" + name : name;
}

std::string emit_loops(std::vector<int> dims, std::vector<std::vector<int>> strides, std::vector<int> offsets, const std::function<std::string(const std::vector<std::string>&)>& body) {
  offsets.resize(strides.size(), 0);
  for (std::size_t d = dims.size(); d-- > 0;)
    if (dims[d] == 1) {
      dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(d));
      for (auto& s : strides) s.erase(s.begin() + static_cast<std::ptrdiff_t>(d));
    }
  for (std::size_t d = dims.size(); d-- > 1;) {
    bool contiguous = true;
    for (const auto& s : strides) contiguous = contiguous && s[d - 1] == s[d] * dims[d];
    if (!contiguous) continue;
    dims[d - 1] *= dims[d];
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(d));
    for (auto& s : strides) s[d - 1] = s[d], s.erase(s.begin() + static_cast<std::ptrdiff_t>(d));
  }
  std::vector<std::string> indices;
  for (std::size_t operand = 0; operand < strides.size(); ++operand) {
    std::string index;
    for (std::size_t d = 0; d < dims.size(); ++d) {
      const int stride = strides[operand][d];
      if (stride == 0) continue;
      if (stride < 0) index += fmt::format("{}i{} * {}", index.empty() ? "-" : " - ", d, -stride);
      else index += fmt::format("{}i{}{}", index.empty() ? "" : " + ", d, stride == 1 ? "" : fmt::format(" * {}", stride));
    }
    if (offsets[operand] != 0 || index.empty()) index = index.empty() ? std::to_string(offsets[operand]) : fmt::format("{} + {}", offsets[operand], index[0] == '-' ? "(" + index + ")" : index);
    indices.push_back(index);
  }
  std::string code = body(indices);
  if (dims.empty()) return "{\n" + indented(code) + "}\n";
  for (std::size_t d = dims.size(); d-- > 0;) code = fmt::format("for (int i{0} = 0; i{0} < {1}; i{0}++) {{\n{2}}}\n", d, dims[d], indented(code));
  return code;
}

bool is_relu(const Clamp& clamp) { return clamp.low == 0 && clamp.high == std::numeric_limits<float>::infinity(); }

std::string clamped(const Clamp& clamp, const std::string& expression) {
  if (clamp.is_none()) return expression;
  return fmt::format("clamped({}, {}, {})", expression, c_float(clamp.low), c_float(clamp.high));
}

std::string emit_clamp(const Clamp& clamp, const std::string& pointer, int n) {
  if (clamp.is_none() || is_relu(clamp)) return {};
  return fmt::format("for (int i = 0; i < {0}; i++) ({1})[i] = clamped(({1})[i], {2}, {3});\n", n, pointer, c_float(clamp.low), c_float(clamp.high));
}

std::string indented(const std::string& code) {
  std::string out;
  for (std::size_t from = 0; from < code.size();) {
    const std::size_t end = std::min(code.find('\n', from), code.size());
    if (end > from) out += "  " + code.substr(from, end - from);
    out += '\n';
    from = end + 1;
  }
  return out;
}

}  // namespace ditmos::compile
