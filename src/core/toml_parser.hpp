#pragma once
// The one place that includes toml++, so that it is configured once.
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
