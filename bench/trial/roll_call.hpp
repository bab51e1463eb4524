// One thread waits, for so long at most, until so many others have said that they are there.
//
// Not std::counting_semaphore: libstdc++ waits for it with a timeout by polling, with sleeps that
// grow with the time waited, so it wakes up in the middle of a trial and sleeps on after its end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace ringbench {

class RollCall {
 public:
  void present() {
    const std::lock_guard lock(mutex_);
    ++present_;
    changed_.notify_one();
  }
  // False: some were not there in time.
  bool wait_for(std::size_t count, double seconds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::duration<double>(seconds),
                             [&] { return present_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t present_ = 0;
};

}  // namespace ringbench
