// Threads that are stopped anywhere, as a scheduler or an interrupt would: a signal arrives at a
// random moment, and its handler sleeps. Under ThreadSanitizer, which holds a signal back until the
// thread makes its next call into the runtime, "anywhere" is there.
#pragma once

#include <pthread.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace ringbench::conformance {

class Preemption {
 public:
  // From now on, about every `period`, one of the members sleeps for up to `longest`.
  Preemption(std::uint32_t seed, std::chrono::microseconds period,
             std::chrono::microseconds longest);
  Preemption(const Preemption&) = delete;
  Preemption& operator=(const Preemption&) = delete;

  // Makes the calling thread a member while it lives.
  class Member {
   public:
    explicit Member(Preemption& preemption);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   private:
    Preemption& preemption_;
  };

  // How often a member has slept. After the members are gone.
  std::uint64_t slept() const;

 private:
  void strike(const std::stop_token& stop, std::uint32_t seed, std::chrono::microseconds period,
              std::chrono::microseconds longest);

  std::mutex mutex_;  // held over a strike: no member goes away in it
  std::vector<pthread_t> members_;
  std::uint64_t before_;
  std::jthread striker_;
};

}  // namespace ringbench::conformance
