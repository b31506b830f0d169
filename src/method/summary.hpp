#pragma once
#include <string>

#include "core/json.hpp"

namespace ditmos::method {

/// evaluation.json as a table for the terminal: accuracies of the parts, 1-NN beside them, each classifier's accuracy and traffic.
std::string evaluation_table(const Json& evaluation);

}  // namespace ditmos::method
