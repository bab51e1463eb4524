// Core cycles of a thread, by the hardware's own counter where the machine has one: what the
// time-stamp counter, which runs at one rate whatever the core does, cannot tell.
#pragma once

#include <linux/perf_event.h>

#include <cstdint>
#include <optional>
#include <string>

namespace ringbench {

// perf_event_attr::type and ::config, perf_event_open(2).
struct CounterEvent {
  std::uint32_t type = PERF_TYPE_HARDWARE;
  std::uint64_t config = PERF_COUNT_HW_CPU_CYCLES;
};

// Counts an event of the thread that makes it, in user mode alone, from then on. To be read by that
// thread.
class CycleCounter {
 public:
  explicit CycleCounter(CounterEvent event = {});
  ~CycleCounter();
  CycleCounter(const CycleCounter&) = delete;
  CycleCounter& operator=(const CycleCounter&) = delete;

  // Nothing where there is no counter, or once it had to share the hardware with others and so
  // missed a part (perf_event_open(2): time_running is below time_enabled). By RDPMC where the
  // kernel allows it, else by read(2).
  std::optional<std::uint64_t> read() const;

  // What was counted between two readings; nothing if either gave nothing.
  static std::optional<double> between(std::optional<std::uint64_t> before,
                                       std::optional<std::uint64_t> after) {
    if (!before || !after) return std::nullopt;
    return static_cast<double>(*after - *before);
  }

  // How it is read: "rdpmc" or "read(2)"; or "none: " and why, with what would mend it.
  std::string describe() const;

 private:
  std::optional<std::uint64_t> read_by_rdpmc() const;
  std::optional<std::uint64_t> read_by_call() const;

  int fd_ = -1;
  int error_ = 0;  // errno of the refusal
  const perf_event_mmap_page* page_ = nullptr;
};

}  // namespace ringbench
