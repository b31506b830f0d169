#include "nn/threads.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace ditmos::nn {
namespace {

/// Looks a worker or the caller takes before it sleeps: some tens of microseconds, the pause between two loops of a step.
constexpr int kLooks = 4000;

/// Bytes of a cache line: what one thread watches does not share one with what others write.
constexpr std::size_t kLine = 64;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

/// Looks some times; true as soon as `condition` holds.
template <class F>
bool spin_until(F condition) {
  for (int look = 0; look < kLooks; ++look) {
    if (condition()) return true;
    pause();
  }
  return condition();
}

/// The current job in one word, so that a task is taken from the job that was looked at or not at all: number of the job,
/// number of tasks, next task to begin.
struct Ticket {
  std::uint64_t word;
  static constexpr int kMostTasks = 0xffff;
  Ticket after_job(int tasks) const { return {((word >> 32) + 1) << 32 | static_cast<std::uint64_t>(tasks) << 16}; }
  int tasks() const { return static_cast<int>(word >> 16 & 0xffff); }
  int next() const { return static_cast<int>(word & 0xffff); }
  bool has_tasks() const { return next() < tasks(); }
};

}  // namespace

// The caller waits for the tasks that were begun, never for a worker that has begun none: on a busy machine, where workers may not be
// running at all, it does the work itself.
struct Threads::State {
  // Written by the caller while no task is unfinished; read by whoever has taken a task.
  void (*task)(void*, int) = nullptr;
  void* context = nullptr;
  int first = 0;  // task of the caller's that the job's task 0 is
  alignas(kLine) std::atomic<std::uint64_t> ticket{0};
  alignas(kLine) std::atomic<int> unfinished{0};
  alignas(kLine) std::atomic<int> sleepers{0};  // workers in `wake`
  std::atomic<bool> caller_sleeps{false};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable wake, done;
  std::vector<std::thread> workers;

  bool has_tasks() const { return Ticket{ticket.load()}.has_tasks(); }

  void take_tasks() {
    for (Ticket seen{ticket.load()}; seen.has_tasks();) {
      if (!ticket.compare_exchange_weak(seen.word, seen.word + 1)) continue;  // which looks again
      task(context, first + seen.next());
      if (unfinished.fetch_sub(1) == 1 && caller_sleeps.load()) {
        const std::lock_guard lock(mutex);
        done.notify_one();
      }
      seen.word = ticket.load();
    }
  }

  void work() {
    const auto called = [this] { return stop.load() || has_tasks(); };
    while (true) {
      if (!spin_until(called)) {
        std::unique_lock lock(mutex);
        sleepers.fetch_add(1);
        wake.wait(lock, called);
        sleepers.fetch_sub(1);
      }
      if (stop.load()) return;
      take_tasks();
    }
  }

  void wake_sleepers() {
    if (sleepers.load() == 0) return;  // a worker counts itself before it looks for the last time
    { const std::lock_guard lock(mutex); }
    wake.notify_all();
  }

  void run(int tasks) {
    unfinished.store(tasks);
    ticket.store(Ticket{ticket.load()}.after_job(tasks).word);
    wake_sleepers();
    take_tasks();
    const auto finished = [this] { return unfinished.load() == 0; };
    if (spin_until(finished)) return;
    std::unique_lock lock(mutex);
    caller_sleeps.store(true);
    done.wait(lock, finished);
    caller_sleeps.store(false);
  }
};

Threads::Threads(int count) : state_(std::make_unique<State>()) {
  if (count <= 0) count = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  for (int i = 1; i < count; ++i) state_->workers.emplace_back([state = state_.get()] { state->work(); });
}

Threads::~Threads() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop.store(true);
  }
  state_->wake.notify_all();
  for (auto& worker : state_->workers) worker.join();
}

int Threads::count() const { return static_cast<int>(state_->workers.size()) + 1; }

void Threads::run(int tasks, void (*task)(void*, int), void* context) {
  State& s = *state_;
  if (s.workers.empty() || tasks <= 1) {
    for (int i = 0; i < tasks; ++i) task(context, i);
    return;
  }
  s.task = task;
  s.context = context;
  for (s.first = 0; s.first < tasks; s.first += Ticket::kMostTasks) s.run(std::min(Ticket::kMostTasks, tasks - s.first));
}

}  // namespace ditmos::nn
