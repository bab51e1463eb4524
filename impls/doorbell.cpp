#include "impls/doorbell.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace ringbench {

Doorbell::Doorbell(bool listening) {
  if (!listening) return;
  fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot make an eventfd to wake the consumer; raise the limit of open "
                            "files (ulimit -n)");
  }
}

Doorbell::~Doorbell() {
  if (fd_ >= 0) close(fd_);
}

// A write can only fail when the counter is full, and then the descriptor is readable already.
void Doorbell::write_event() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
}

}  // namespace ringbench
