#pragma once
#include <functional>
#include <string>
#include <vector>

#include "compile/ops/operator.hpp"
#include "compile/schedule/plan.hpp"
#include "frontend/front_end.hpp"

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

/// Where the features go: element n of the window, in row-major order outside, lies at `offset_of(n)` of the input.
struct FrontEndTarget {
  std::string type;                          ///< "float", "int8_t"
  std::size_t offset = 0;                    ///< of the input in the arena
  std::vector<std::size_t> element;          ///< one a feature
  std::size_t channels = 1;                  ///< of the window
  /// C expression of a float, and of its channel -> of an element
  std::function<std::string(const std::string&, const std::string&)> convert;
};
/// Tables, NAME_set_samples and, for front ends that work in frames, NAME_set_frame.
std::string emit_front_end(const frontend::FrontEnd& front_end, const Plan& plan, const std::string& name, const FrontEndTarget& target);
/// Their declarations and macros.
std::string emit_front_end_header(const frontend::FrontEnd& front_end, const std::string& name);

/// NAME_stream_begin, NAME_stream_push and NAME_stream_next, from rows of the sensor to windows.
std::string emit_stream(const frontend::Stream& stream, const std::string& name);
/// Their declarations and NAME_stream.
std::string emit_stream_header(const frontend::Stream& stream, const std::string& name, bool front_end);

/// A typed C pointer to offset `offset` of the arena; `constant` for a const arena.
std::string arena_pointer(Type type, std::size_t offset, bool constant = false);

}  // namespace ditmos::compile
