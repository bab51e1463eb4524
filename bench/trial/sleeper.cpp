#include "bench/trial/sleeper.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ringbench {

Sleeper::Sleeper() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) {
    throw std::system_error(
        errno, std::generic_category(),
        "cannot make an epoll instance for a sleeping consumer; raise the limit of "
        "open files (ulimit -n)");
  }
}

Sleeper::~Sleeper() {
  close(epoll_);
}

void Sleeper::listen(int fd) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot wait for a ring's notifications");
  }
}

bool Sleeper::sleep() {
  return wait(kPatienceMs);
}

bool Sleeper::was_notified() {
  return wait(0);
}

bool Sleeper::wait(int timeout_ms) {
  epoll_event event{};
  return epoll_wait(epoll_, &event, 1, timeout_ms) > 0;
}

}  // namespace ringbench
