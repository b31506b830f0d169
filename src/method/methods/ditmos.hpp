#pragma once
#include "method/method.hpp"

namespace ditmos::method {

std::unique_ptr<Method> make_ditmos(const Setup& setup);

}  // namespace ditmos::method
