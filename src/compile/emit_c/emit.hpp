#pragma once
#include <string>
#include <vector>

#include "compile/ops/operator.hpp"
#include "compile/schedule/plan.hpp"

namespace ditmos::compile {

struct File {
  std::string name, content;
};

/// C99 for one plan of a program: NAME.h, NAME.c, NAME's self-test vectors, CMakeLists.txt and the runtime headers under ditmos/.
/// `name` is a C identifier; `program` holds the float networks that say what the self-test expects.
std::vector<File> emit_c(const Program& program, const Plan& plan, const std::string& name);

/// Whether the program takes one "window" and gives "logits", so that it gets the interface of set_input, run, choice, get_logits. Any
/// other network gets set_<input> and get_<output>.
bool has_window_interface(const Program& program);

// The parts of emit_c.
std::string emit_header(const Program& program, const Plan& plan, const std::string& name);
std::string emit_source(const Program& program, const Plan& plan, const std::string& name);
std::string emit_self_test(const Program& program, const Plan& plan, const std::string& name);
/// struct NAME_<family>_weights and its table.
std::string emit_weights(const Plan& plan, const FamilyPlan& planned, const std::string& name);
/// static void NAME_<family>(unsigned char *arena, const struct NAME_<family>_weights *w). What the file must define
/// before it goes to `shared`.
std::string emit_family(const Plan& plan, const FamilyPlan& planned, const std::string& name, SharedLayers& shared);

/// A typed C pointer to offset `offset` of the arena; `constant` for a const arena.
std::string arena_pointer(Type type, std::size_t offset, bool constant = false);

}  // namespace ditmos::compile
