#include "topology/cycle_counter.hpp"

#include <cpuid.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

namespace ringbench {
namespace {

int open_for_this_thread(CounterEvent event) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = event.type;
  attributes.config = event.config;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return static_cast<int>(
      syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

// Without it read(2) will do.
const perf_event_mmap_page* map_page(int fd) {
  const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const page = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  return page == MAP_FAILED ? nullptr : static_cast<const perf_event_mmap_page*>(page);
}

bool is_guest() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx >> 31 & 1) != 0;
}

std::string paranoia() {
  std::ifstream file("/proc/sys/kernel/perf_event_paranoid");
  std::string level;
  return std::getline(file, level) ? level : "unknown";
}

std::string why_none(int error) {
  switch (error) {
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
      return is_guest() ? "the hypervisor gives no hardware counters"
                        : "the kernel knows no such counter on this CPU";
    case EACCES:
    case EPERM:
      return "not allowed to this process (kernel.perf_event_paranoid is " + paranoia() +
             "): sysctl kernel.perf_event_paranoid=2, or in a container --cap-add PERFMON";
    case ENOSYS:
      return "the kernel was built without CONFIG_PERF_EVENTS";
    default:
      return std::string("perf_event_open: ") + std::strerror(error);
  }
}

// A word of the page that the kernel may be changing.
template <class Word>
Word glance(const Word& word) {
  return static_cast<const volatile Word&>(word);
}

// `width` bits of a counter, as the signed number they are (perf_event.h, pmc_width).
std::uint64_t sign_extended(std::uint64_t count, unsigned width) {
  const unsigned unused = 64 - width;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(count << unused) >> unused);
}

}  // namespace

CycleCounter::CycleCounter(CounterEvent event) : fd_(open_for_this_thread(event)) {
  if (fd_ < 0) {
    error_ = errno;
    return;
  }
  page_ = map_page(fd_);
}

CycleCounter::~CycleCounter() {
  if (page_ != nullptr) {
    munmap(const_cast<perf_event_mmap_page*>(page_),
           static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
  }
  if (fd_ >= 0) close(fd_);
}

std::optional<std::uint64_t> CycleCounter::read() const {
  if (const auto count = read_by_rdpmc()) return count;
  return read_by_call();
}

// The page is a seqlock, and this the reader that perf_event.h describes. The kernel writes it on
// this thread's own CPU while the thread is interrupted, so order in the program is enough: signal
// fences keep the compiler from moving a look out of the two looks at `lock`.
std::optional<std::uint64_t> CycleCounter::read_by_rdpmc() const {
  if (page_ == nullptr) return std::nullopt;
  std::uint64_t count = 0, enabled = 0, running = 0;
  std::uint32_t sequence = 0, index = 0;
  do {
    sequence = glance(page_->lock);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    enabled = glance(page_->time_enabled);
    running = glance(page_->time_running);
    index = page_->cap_user_rdpmc != 0 ? glance(page_->index) : 0;
    if (index == 0) return std::nullopt;  // not allowed, or not on the hardware right now
    count = static_cast<std::uint64_t>(glance(page_->offset)) +
            sign_extended(__rdpmc(static_cast<int>(index - 1)), glance(page_->pmc_width));
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } while (glance(page_->lock) != sequence);
  return enabled == running ? std::optional(count) : std::nullopt;
}

std::optional<std::uint64_t> CycleCounter::read_by_call() const {
  struct {
    std::uint64_t value, enabled, running;
  } found{};
  if (fd_ < 0 || ::read(fd_, &found, sizeof found) != sizeof found) return std::nullopt;
  return found.enabled == found.running ? std::optional(found.value) : std::nullopt;
}

std::string CycleCounter::describe() const {
  if (fd_ < 0) return "none: " + why_none(error_);
  return read_by_rdpmc() ? "rdpmc" : "read(2)";
}

}  // namespace ringbench
