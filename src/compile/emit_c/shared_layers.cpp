#include <fmt/format.h>

#include "compile/ops/operator.hpp"

namespace ditmos::compile {

std::string SharedLayers::layer(const std::string& condition, const std::string& type, const std::string& initializer) {
  Part& part = parts_[condition];
  const auto [known, fresh] = part.layers.insert({type + " " + initializer, {}});
  if (fresh) {
    known->second = fmt::format("{}_layer{}", model_, count_++);
    part.definitions += fmt::format("static const {} {} = {};\n", type, known->second, initializer);
  }
  return known->second;
}

std::string SharedLayers::code() const {
  std::string code;
  for (const auto& [condition, part] : parts_) {
    code += "#if " + condition + "\n";
    for (const std::string& tile : part.tiles) code += tile + "\n";
    code += part.definitions + "#endif\n\n";
  }
  return code;
}

}  // namespace ditmos::compile
