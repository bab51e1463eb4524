#include "bench/trial/delivery_log.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace ringbench {

DeliveryLog::DeliveryLog(const LogRoom& room) : capacity_(room.most) {
  if (capacity_ == 0) return;
  const std::size_t bytes = capacity_ * sizeof(Delivery);
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
  const std::size_t touched = std::min(room.most, room.likely) * sizeof(Delivery);
  for (std::size_t at = 0; at < touched; at += page) first[at] = std::byte{0};
  entries_ = static_cast<Delivery*>(memory);
}

DeliveryLog::~DeliveryLog() {
  if (entries_ != nullptr) munmap(entries_, capacity_ * sizeof(Delivery));
}

}  // namespace ringbench
