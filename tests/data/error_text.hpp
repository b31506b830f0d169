#pragma once
#include <string>

#include "core/error.hpp"

namespace ditmos::data {

/// The sentence of the Error that `call` throws; empty when it throws none.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

template <class Call>
std::string hint_of(const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.hint();
  }
  return "";
}

}  // namespace ditmos::data
