#pragma once

namespace ditmos {

/// From now on SIGINT and SIGTERM set a flag instead of ending the process; a second one ends it at once.
void install_interrupt_handler();
/// True after a signal; long work asks at safe points, saves what it has and throws Interrupted.
bool interrupted();

}  // namespace ditmos
