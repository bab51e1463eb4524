// libbpf's own consumers.
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>

#include "impls/double_mapping.hpp"
#include "impls/kernel/object.hpp"

namespace ringbench::kernel {
namespace {

std::span<const std::byte> bytes_at(const void* data, std::size_t size) {
  return {static_cast<const std::byte*>(data), size};
}

class RingBuffer final : public LibbpfRing {
 public:
  explicit RingBuffer(int map_fd) : manager_(ring_buffer__new(map_fd, on_sample, this, nullptr)) {
    if (!manager_) refuse("libbpf cannot map the BPF ring buffer", errno);
  }
  std::size_t consume(const Deliver& deliver) override {
    deliver_ = &deliver;
    const int found = ring_buffer__consume(manager_.get());
    if (found < 0) refuse("libbpf cannot read the BPF ring buffer", found);
    return static_cast<std::size_t>(found);
  }
  int epoll_fd() const override { return ring_buffer__epoll_fd(manager_.get()); }

 private:
  static int on_sample(void* self, void* data, std::size_t size) {
    (*static_cast<RingBuffer*>(self)->deliver_)(bytes_at(data, size));
    return 0;
  }
  struct Free {
    void operator()(ring_buffer* manager) const { ring_buffer__free(manager); }
  };
  std::unique_ptr<ring_buffer, Free> manager_;
  const Deliver* deliver_ = nullptr;
};

class PerfBuffer final : public LibbpfPerfBuffer {
 public:
  explicit PerfBuffer(const PerfBufferPlan& plan) {
    perf_event_attr attr = attributes(plan);
    open(plan, attr);
    if (!manager_ && errno == EINVAL) {  // before 6.0 nobody counts what an event lost
      attr.read_format = 0;
      counts_lost_ = false;
      open(plan, attr);
    }
    if (!manager_) refuse("libbpf cannot open and map the perf buffer", errno);
  }
  void consume(const Deliver& deliver) override {
    deliver_ = &deliver;
    if (const int error = perf_buffer__consume_buffer(manager_.get(), 0); error != 0) {
      refuse("libbpf cannot read the perf buffer", error);
    }
  }
  int epoll_fd() const override { return perf_buffer__epoll_fd(manager_.get()); }
  int take_event_fd() override {
    const int fd = event_fd();
    epoll_ctl(epoll_fd(), EPOLL_CTL_DEL, fd, nullptr);  // ENOENT: taken before
    return fd;
  }
  std::span<std::byte> pages() const override {
    void* base = nullptr;
    std::size_t size = 0;  // of the data
    perf_buffer__buffer(manager_.get(), 0, &base, &size);
    return {static_cast<std::byte*>(base), page_size() + size};
  }
  std::int64_t lost() const override {
    if (!counts_lost_) return -1;
    std::array<std::uint64_t, 2> value_and_lost{};
    if (read(event_fd(), value_and_lost.data(), sizeof value_and_lost) != sizeof value_and_lost) {
      return -1;
    }
    return static_cast<std::int64_t>(value_and_lost[1]);
  }

 private:
  static perf_event_attr attributes(const PerfBufferPlan& plan) {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_BPF_OUTPUT;
    attr.sample_type = PERF_SAMPLE_RAW;
    attr.sample_period = 1;
    attr.read_format = PERF_FORMAT_LOST;
    if (plan.wakeup_events != 0) {
      attr.wakeup_events = plan.wakeup_events;
    } else {
      attr.watermark = 1;
      attr.wakeup_watermark = plan.wakeup_bytes;
    }
    return attr;
  }
  void open(const PerfBufferPlan& plan, perf_event_attr& attr) {
    int cpu = static_cast<int>(plan.cpu);
    int key = static_cast<int>(plan.key);
    LIBBPF_OPTS(perf_buffer_raw_opts, opts);
    opts.cpu_cnt = 1;
    opts.cpus = &cpu;
    opts.map_keys = &key;
    manager_.reset(perf_buffer__new_raw(plan.map_fd, plan.pages, &attr, on_event, this, &opts));
  }
  int event_fd() const { return perf_buffer__buffer_fd(manager_.get(), 0); }
  static bpf_perf_event_ret on_event(void* self, int /*cpu*/, perf_event_header* event) {
    (*static_cast<PerfBuffer*>(self)->deliver_)(bytes_at(event, event->size));
    return LIBBPF_PERF_EVENT_CONT;
  }
  struct Free {
    void operator()(perf_buffer* manager) const { perf_buffer__free(manager); }
  };

  bool counts_lost_ = true;
  std::unique_ptr<perf_buffer, Free> manager_;
  const Deliver* deliver_ = nullptr;
};

}  // namespace

std::string not_built() {
  return {};
}

std::unique_ptr<LibbpfRing> make_libbpf_ring(int map_fd) {
  return std::make_unique<RingBuffer>(map_fd);
}

std::unique_ptr<LibbpfPerfBuffer> make_perf_buffer(const PerfBufferPlan& plan) {
  return std::make_unique<PerfBuffer>(plan);
}

}  // namespace ringbench::kernel
