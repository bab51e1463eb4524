// A consumer's sleep: epoll over the notification descriptors of its rings.
#pragma once

namespace ringbench {

class Sleeper {
 public:
  Sleeper();  // throws std::system_error, like listen()
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  // Edge-triggered: a descriptor wakes once for each notification, and need not be read.
  void listen(int fd);

  // Until a notification, or for kPatienceMs: buffers that notify seldom are then looked at all the
  // same. Returns whether there was a notification.
  bool sleep();

  // Whether one has come that no sleep has returned. Takes it.
  bool was_notified();

  static constexpr int kPatienceMs = 10;

 private:
  bool wait(int timeout_ms);

  int epoll_;
};

}  // namespace ringbench
