#pragma once
#include <filesystem>
#include <memory>
#include <string>

namespace ditmos::report {

/// A read-only web page over a folder of runs: the list, one run's report with curves that follow its training, any
/// set of runs compared, and the experiments' reports. It answers GET and HEAD alone, shows nothing but runs below the folder, and asks a browser to
/// load nothing from elsewhere. Bound to a loopback address it refuses requests whose Host is another name (DNS rebinding).
class RunServer {
 public:
  /// Throws Error when `folder` is no folder.
  explicit RunServer(const std::filesystem::path& folder);
  ~RunServer();
  RunServer(const RunServer&) = delete;
  RunServer& operator=(const RunServer&) = delete;

  /// Takes the address; port 0: any free one. Returns the port. Throws Error when it is taken or not this machine's.
  int bind(const std::string& address, int port);
  /// Answers until stop(), which another thread calls.
  void run();
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 127.0.0.0/8, ::1 or localhost.
bool is_loopback(const std::string& address);

}  // namespace ditmos::report
