#include "device/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/error.hpp"
#include "core/interrupt.hpp"

namespace ditmos::device {
namespace {

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close(int end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

/// Between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(char* const* argv, const char* folder, int out, int err, int report, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY);
  if (::getppid() == parent && null >= 0 && ::dup2(null, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0 &&
      (!folder || ::chdir(folder) == 0)) {
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
    ::execv(argv[0], argv);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t ignored = ::write(report, &error, sizeof error);
  ::_exit(127);
}

/// Reads what is there; false at the end of the stream.
bool drain(int fd, std::string& to, std::size_t most) {
  char buffer[65536];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  if (n == 0) return false;
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (to.size() < most) to.append(buffer, std::min(static_cast<std::size_t>(n), most - to.size()));
  return true;
}

/// The child's group is killed and the child reaped, whatever way the scope is left.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    ::kill(-pid_, SIGKILL);
    while (!reaped_ && ::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  bool ended() {
    if (!reaped_) reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return reaped_;
  }
  int code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_); }

 private:
  pid_t pid_;
  int status_ = 0;
  bool reaped_ = false;
};

}  // namespace

ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options) {
  if (argv.empty()) throw Error("no program to run");
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const std::string folder = options.folder.string();
  Pipe out, err, report;
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw Error("cannot start " + argv[0] + ": " + std::strerror(errno));
  if (pid == 0)
    become(arguments.data(), folder.empty() ? nullptr : folder.c_str(), out.ends[1], err.ends[1], report.ends[1], parent);
  Child child(pid);
  ::setpgid(pid, pid);  // in both processes, so that it holds whoever runs first
  out.close(1);
  err.close(1);
  report.close(1);
  int start_error = 0;
  ssize_t got;
  do got = ::read(report.ends[0], &start_error, sizeof start_error);  // ends at exec (close-on-exec) or with the error
  while (got < 0 && errno == EINTR);
  if (got > 0) throw Error("cannot start " + argv[0] + ": " + std::strerror(start_error));

  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.timeout_s));
  ProcessResult result;
  bool out_open = true, err_open = true;
  while (true) {
    if (interrupted()) throw Interrupted("interrupted while running " + argv[0]);
    if (child.ended()) break;
    if (Clock::now() >= deadline) {
      result.timed_out = true;
      return result;
    }
    pollfd fds[2] = {{out_open ? out.ends[0] : -1, POLLIN, 0}, {err_open ? err.ends[0] : -1, POLLIN, 0}};
    const int ready = ::poll(fds, 2, 20);  // short, so that an end, a time-out or Ctrl-C is seen soon
    if (ready <= 0) continue;
    if (fds[0].revents) out_open = drain(out.ends[0], result.out, options.most_output);
    if (fds[1].revents) err_open = drain(err.ends[0], result.err, options.most_output);
  }
  // What the child wrote before it ended; a grandchild that keeps the pipe open is not waited for.
  const auto rest = [&](int fd, bool open, std::string& to) {
    pollfd one = {fd, POLLIN, 0};
    for (int i = 0; open && i < 4096 && ::poll(&one, 1, 0) > 0; ++i) open = drain(fd, to, options.most_output);
  };
  rest(out.ends[0], out_open, result.out);
  rest(err.ends[0], err_open, result.err);
  result.exit_code = child.code();
  return result;
}

ProcessResult run_checked(const std::vector<std::string>& argv, const std::string& doing, const ProcessOptions& options) {
  const ProcessResult result = run_process(argv, options);
  if (result.timed_out)
    throw Error(fmt::format("cannot {}: {} took longer than {:g} s and was stopped", doing, argv[0], options.timeout_s));
  if (result.exit_code != 0) {
    std::string lines = result.err.empty() ? result.out : result.err;
    if (lines.size() > 2000) lines = lines.substr(0, 2000) + " ...";
    throw Error(fmt::format("cannot {}: {} ended with {}:\n{}", doing, argv[0], result.exit_code, lines));
  }
  return result;
}

}  // namespace ditmos::device
