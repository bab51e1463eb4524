// How a producer wakes a sleeping consumer: an eventfd (2), where the kernel's buffers use irq_work
// and a wait queue.
#pragma once

namespace ringbench {

class Doorbell {
 public:
  // listening: a consumer will sleep on fd(). Otherwise ring() has nobody to wake and makes no
  // system call. Throws std::system_error.
  explicit Doorbell(bool listening);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  void ring() const {
    if (fd_ >= 0) write_event();
  }
  int fd() const { return fd_; }  // -1: nobody listens

 private:
  void write_event() const;
  int fd_ = -1;
};

}  // namespace ringbench
