#include <fmt/format.h>

#include "compile/emit_c/c_text.hpp"
#include "compile/emit_c/emit.hpp"
#include "compile/emit_c/fields.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

std::string numbers(const Field& field, const std::string& indent) {
  std::string text = indent, line;
  for (std::size_t i = 0; i < field.count(); ++i) {
    const std::string number = field.type == Type::f32 ? c_float(field.f[i]) : field.i[i] == INT32_MIN ? "INT32_MIN" : std::to_string(field.i[i]);
    if (line.size() + number.size() + 2 > 120) text += line + "\n" + indent, line.clear();
    line += number + (i + 1 < field.count() ? ", " : "");
  }
  return text + line;
}

}  // namespace

std::string emit_weights(const Plan& plan, const FamilyPlan& planned, const std::string& name) {
  const Family& family = planned.family;
  const std::vector<Field> first = network_fields(family, plan.networks[at(family.members[0])]);
  if (first.empty()) return {};
  std::string code = fmt::format("struct {}_{}_weights {{\n", name, family.name);
  for (const Field& field : first)
    code += field.scalar ? fmt::format("  {} {};\n", c_type(field.type), field.name) : fmt::format("  {} {}[{}];\n", c_type(field.type), field.name, field.count());
  code += fmt::format("}};\n\nstatic const struct {0}_{1}_weights {0}_{1}_table[{2}] = {{\n", name, family.name, family.members.size());
  for (const int member : family.members) {
    code += "  {\n";
    for (const Field& field : network_fields(family, plan.networks[at(member)]))
      code += field.scalar ? numbers(field, "    ") + ",\n" : "    {\n" + numbers(field, "      ") + "\n    },\n";
    code += "  },\n";
  }
  return code + "};\n\n";
}

}  // namespace ditmos::compile
