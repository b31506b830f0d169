#include "nn/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace ditmos::nn {
namespace {

TEST(ThreadsRun, EveryTaskOnceWhateverTheNumber) {
  for (const int count : {1, 2, 5}) {
    Threads threads(count);
    for (int job = 0; job < 1500; ++job) {
      const int tasks = job % 37;
      std::vector<int> done(static_cast<std::size_t>(tasks));
      threads.run(tasks, [&](int i) { ++done[static_cast<std::size_t>(i)]; });
      ASSERT_EQ(done, std::vector<int>(done.size(), 1)) << count << " threads, " << tasks << " tasks";
    }
    std::vector<int> many(150000);
    threads.run(150000, [&](int i) { ++many[static_cast<std::size_t>(i)]; });
    EXPECT_EQ(many, std::vector<int>(many.size(), 1));
  }
}

TEST(ThreadsRun, WorkersThatSleepAreWokenAndALaterTaskMayWaitForAnEarlierOne) {
  Threads threads(3);
  for (int job = 0; job < 20; ++job) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<bool> ready = false;
    std::atomic<int> after = 0;
    threads.run(6, [&](int i) {
      if (i == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ready = true;
        ready.notify_all();
      } else {
        ready.wait(false);
        ++after;
      }
    });
    ASSERT_EQ(after, 5);
  }
}

}  // namespace
}  // namespace ditmos::nn
