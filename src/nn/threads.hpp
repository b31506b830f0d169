#pragma once
#include <memory>
#include <type_traits>

namespace ditmos::nn {

/// A fixed set of worker threads for short parallel loops. Which thread runs which task is left to timing, so tasks must
/// write to places of their own; then results do not depend on the number of threads. Not OpenMP because ThreadSanitizer
/// sees through this one, because idle workers soon sleep instead of spinning, and because nobody waits for a worker that has begun nothing.
class Threads {
 public:
  /// The caller is one of the `count` threads; count - 1 workers are started. 0: as many as the machine has.
  explicit Threads(int count);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  int count() const;

  /// Runs task(0) .. task(tasks - 1), each once, begun in this order, and returns when all are done. `task` must not throw and must not call
  /// run of the same object. One caller at a time.
  template <class F>
  void run(int tasks, F&& task) {
    using Task = std::remove_reference_t<F>;
    run(tasks, [](void* context, int i) { (*static_cast<Task*>(context))(i); },
        const_cast<void*>(static_cast<const void*>(&task)));
  }

 private:
  void run(int tasks, void (*task)(void*, int), void* context);
  struct State;
  std::unique_ptr<State> state_;
};

/// task(0) .. task(tasks - 1) on `threads`, or here, in order, when it is null.
template <class F>
void parallel_for(Threads* threads, int tasks, F&& task) {
  if (threads && tasks > 1) {
    threads->run(tasks, task);
  } else {
    for (int i = 0; i < tasks; ++i) task(i);
  }
}

}  // namespace ditmos::nn
