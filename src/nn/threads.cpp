#include "nn/threads.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace ditmos::nn {
namespace {

/// Looks a worker or the caller takes before it sleeps: some tens of microseconds, the pause between two loops of a step.
constexpr int kLooks = 4000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace

struct Threads::State {
  // The job, written by the caller while every worker waits.
  void (*task)(void*, int) = nullptr;
  void* context = nullptr;
  int tasks = 0;
  std::atomic<int> next{0};
  std::atomic<int> working{0};            // workers that have not finished the job
  std::atomic<std::uint64_t> jobs{0};     // number of the current job
  bool stop = false;
  std::mutex mutex;
  std::condition_variable wake, done;
  std::vector<std::thread> workers;

  void take_tasks() {
    for (int i = next.fetch_add(1, std::memory_order_relaxed); i < tasks;
         i = next.fetch_add(1, std::memory_order_relaxed))
      task(context, i);
  }

  void work() {
    for (std::uint64_t seen = 0;;) {
      for (int look = 0; look < kLooks && jobs.load(std::memory_order_acquire) == seen; ++look) pause();
      if (jobs.load(std::memory_order_acquire) == seen) {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return jobs.load(std::memory_order_acquire) != seen; });
      }
      seen = jobs.load(std::memory_order_acquire);
      if (stop) return;
      take_tasks();
      if (working.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        const std::lock_guard lock(mutex);
        done.notify_one();
      }
    }
  }

  void start_job() {
    {
      const std::lock_guard lock(mutex);
      jobs.fetch_add(1, std::memory_order_acq_rel);
    }
    wake.notify_all();
  }
};

Threads::Threads(int count) : state_(std::make_unique<State>()) {
  if (count <= 0) count = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  for (int i = 1; i < count; ++i) state_->workers.emplace_back([state = state_.get()] { state->work(); });
}

Threads::~Threads() {
  state_->stop = true;
  state_->start_job();
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
  s.tasks = tasks;
  s.next.store(0, std::memory_order_relaxed);
  s.working.store(static_cast<int>(s.workers.size()), std::memory_order_relaxed);
  s.start_job();
  s.take_tasks();
  for (int look = 0; look < kLooks && s.working.load(std::memory_order_acquire) != 0; ++look) pause();
  if (s.working.load(std::memory_order_acquire) != 0) {
    std::unique_lock lock(s.mutex);
    s.done.wait(lock, [&] { return s.working.load(std::memory_order_acquire) == 0; });
  }
}

}  // namespace ditmos::nn
