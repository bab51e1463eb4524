#include "bench/trial/delivery_log.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ringbench {

DeliveryLog::DeliveryLog(std::size_t capacity) : capacity_(capacity) {
  if (capacity == 0) return;
  const std::size_t bytes = capacity * sizeof(Delivery);
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::system_error(
        errno, std::generic_category(),
        fmt::format("no {} MiB for the log of deliveries; shorten duration_ms, or set stamps = "
                    "false",
                    bytes >> 20));
  }
  madvise(memory, bytes, MADV_HUGEPAGE);  // advice: without it there are only more pages
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  auto* const first = static_cast<volatile std::byte*>(memory);
  for (std::size_t at = 0; at < bytes; at += page) first[at] = std::byte{0};
  entries_ = static_cast<Delivery*>(memory);
}

DeliveryLog::~DeliveryLog() {
  if (entries_ != nullptr) munmap(entries_, capacity_ * sizeof(Delivery));
}

}  // namespace ringbench
