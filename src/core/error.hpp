#pragma once
#include <stdexcept>
#include <string>

namespace ditmos {

/// The one exception of the library: a sentence for a person (what, where, expected) and what to do.
/// Thrown by every module, caught once, in the CLI, which prints "error: ..." and "hint: ..." and exits 1.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, std::string hint = {}) : std::runtime_error(what), hint_(std::move(hint)) {}
  const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

/// Thrown at a safe point after Ctrl-C (see core/interrupt.hpp); the CLI exits 130.
class Interrupted : public Error {
 public:
  using Error::Error;
};

}  // namespace ditmos
