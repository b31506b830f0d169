#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.hpp"
#include "experiment/plan.hpp"
#include "method/config.hpp"

/// A configuration and an experiment from any bytes: read, or refused with an Error; what was read writes and reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ditmos;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    method::Config config;
    method::apply_toml(config, text, "fuzz.toml");
    method::validate(config);
    method::Config again;
    method::apply_toml(again, method::to_toml(config), "again.toml");
    if (!(again == config)) std::abort();
  } catch (const Error&) {
  }
  try {
    experiment::read_experiment(text, "fuzz.toml");
  } catch (const Error&) {
  }
  return 0;
}
