#include "impls/double_mapping.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace ringbench {
namespace {

[[noreturn]] void fail(const char* call, std::size_t bytes) {
  throw std::system_error(
      errno, std::generic_category(),
      fmt::format("cannot map {} bytes of ring memory ({}); free memory or ask for fewer bytes",
                  bytes, call));
}

std::byte* map(std::byte* where, std::size_t bytes, int fd, std::size_t offset) {
  const int protection = fd < 0 ? PROT_NONE : PROT_READ | PROT_WRITE;
  const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_FIXED;
  void* const found = mmap(where, bytes, protection, flags, fd, static_cast<off_t>(offset));
  if (found == MAP_FAILED) fail("mmap", bytes);
  return static_cast<std::byte*>(found);
}

}  // namespace

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

DoubleMapping::DoubleMapping(std::size_t control_bytes, std::size_t data_bytes)
    : control_bytes_(control_bytes), data_bytes_(data_bytes) {
  const std::size_t file_bytes = control_bytes + data_bytes;
  base_ = map(nullptr, file_bytes + data_bytes, -1, 0);
  const int fd = memfd_create("ringbench-ring", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create", file_bytes);
  if (ftruncate(fd, static_cast<off_t>(file_bytes)) != 0) fail("ftruncate", file_bytes);
  map(base_, file_bytes, fd, 0);
  map(base_ + file_bytes, data_bytes, fd, control_bytes);
  close(fd);
}

void DoubleMapping::touch() const {
  // In the order of addresses: the second mapping finds the pages of the first.
  if (madvise(base_, control_bytes_ + 2 * data_bytes_, MADV_POPULATE_WRITE) == 0) return;
  if (errno != EINVAL) fail("madvise", control_bytes_ + data_bytes_);
  std::memset(pages().data(), 0, pages().size());  // Linux before 5.14
}

DoubleMapping::~DoubleMapping() {
  munmap(base_, control_bytes_ + 2 * data_bytes_);
}

}  // namespace ringbench
