#include "core/interrupt.hpp"

#include <csignal>

namespace ditmos {
namespace {
volatile std::sig_atomic_t caught = 0;

extern "C" void on_signal(int signal) {
  if (caught) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  caught = 1;
}
}  // namespace

void install_interrupt_handler() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

bool interrupted() { return caught != 0; }

}  // namespace ditmos
