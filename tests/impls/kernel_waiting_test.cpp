// Who is woken by what the kernel's buffers send.
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tests/impls/kernel_rig.hpp"

namespace ringbench::conformance {
namespace {

// Hears of a descriptor that becomes readable, and not of one that is: as a consumer who sleeps.
class Listener {
 public:
  explicit Listener(int fd) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event wanted{.events = EPOLLIN | EPOLLET, .data = {}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted) != 0) {
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
  }
  ~Listener() { close(epoll_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // A wake-up is an interrupt, so it may come a little later.
  bool woken() const { return wait(2'000); }
  bool asleep() const { return !wait(5); }

 private:
  bool wait(int ms) const {
    epoll_event found{};
    return epoll_wait(epoll_, &found, 1, ms) == 1;
  }
  int epoll_;
};

class KernelWaiting : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    if (const auto why = why_not(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
  // Those that this producer's next records wake, one letter each: w or -.
  static std::string wakings(KernelRig& rig, const Listener& listener, int records) {
    std::string text;
    for (int i = 0; i < records; ++i) {
      rig.emit(0, 1);
      text += listener.asleep() ? '-' : 'w';
    }
    return text;
  }
};
// With this rule, and at most one other option changed.
auto where(std::string_view word) {
  return testing::ValuesIn(emitted_variants_where([=](const Variant& v) {
    const std::size_t changed = word == "adaptive" || word == "watermark" ? 0 : 1;
    return notifies(v, word) && has_fallback_numbers(v) && changed_options(v) <= changed + 1 &&
           !has(v, "call", "output") && !has(v, "source", "stack") && !has(v, "overwrite", "on");
  }));
}
class KernelAdaptive : public KernelWaiting {};
INSTANTIATE_TEST_SUITE_P(Every, KernelAdaptive, where("adaptive"), name);
class KernelAlways : public KernelWaiting {};
INSTANTIATE_TEST_SUITE_P(Every, KernelAlways, where("always"), name);
class KernelNever : public KernelWaiting {};
INSTANTIATE_TEST_SUITE_P(Every, KernelNever, where("never"), name);
class KernelSampled : public KernelWaiting {};
INSTANTIATE_TEST_SUITE_P(Every, KernelSampled, where("sampled"), name);
class KernelBytes : public KernelWaiting {};
INSTANTIATE_TEST_SUITE_P(Every, KernelBytes, where("bytes"), name);
class KernelWatermark : public KernelWaiting {};
INSTANTIATE_TEST_SUITE_P(Every, KernelWatermark, where("watermark"), name);

TEST_P(KernelAlways, EachRecordWakes) {
  KernelRig rig(GetParam(), {});
  ASSERT_TRUE(rig.subject->waitable());
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
  const Listener listener(rig.subject->wait_fd(0));
  EXPECT_TRUE(listener.asleep());
  for (int i = 0; i < 5; ++i) {
    rig.emit(0, 1);
    EXPECT_TRUE(listener.woken()) << i;
    EXPECT_FALSE(rig.subject->ready_to_wait(0));
    if (i % 2 == 0) rig.drain();
  }
  rig.emit_nothing(0, 1);
  EXPECT_TRUE(listener.asleep()) << "an empty call wakes";
  rig.drain();
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
}

// A perf buffer wakes whenever so many bytes were written as it has, whatever it is told.
TEST_P(KernelNever, NoRecordWakesButPerfsOnceAWholeBuffer) {
  KernelRig rig(GetParam(), {});
  const Listener listener(rig.subject->wait_fd(0));
  for (int i = 0; i < 2; ++i) {
    rig.emit(0, 85);
    EXPECT_TRUE(listener.asleep());
    rig.drain();
  }
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
  rig.emit(0, 1);
  EXPECT_EQ(listener.asleep(), GetParam().row->name != "kernel_perfbuf") << "171 records of 24";
  rig.emit(0, 100);
  EXPECT_TRUE(listener.asleep());
}

TEST_P(KernelAdaptive, ARecordWakesAConsumerThatHadCaughtUp) {
  KernelRig rig(GetParam(), {});
  const Listener listener(rig.subject->wait_fd(0));
  EXPECT_TRUE(rig.subject->ready_to_wait(0));
  for (int i = 0; i < 3; ++i) {
    rig.emit(0, 1);
    EXPECT_TRUE(listener.woken()) << i;
    EXPECT_FALSE(rig.subject->ready_to_wait(0));
    rig.emit(0, 1);
    EXPECT_TRUE(listener.asleep()) << "it has not caught up";
    rig.drain();
    EXPECT_TRUE(rig.subject->ready_to_wait(0));
  }
}

TEST_P(KernelSampled, OneRecordInSoManyWakes) {
  auto variant = GetParam();
  variant.options["notify_every"] = "3";
  KernelRig rig(variant, {});
  const Listener listener(rig.subject->wait_fd(0));
  EXPECT_EQ(wakings(rig, listener, 7), "--w--w-");
}

// The record that brings the unread bytes to so many wakes, and each after it.
TEST_P(KernelBytes, RecordsWakeFromSoManyUnreadBytesOn) {
  auto variant = GetParam();
  variant.options["notify_bytes"] = "48";
  KernelRig rig(variant, {});
  const Listener listener(rig.subject->wait_fd(0));
  const auto first = wakings(rig, listener, 5);
  rig.drain();
  EXPECT_EQ(first, "--www") << "records of 16 bytes; the third makes 48";
  EXPECT_EQ(wakings(rig, listener, 2), "--");
}

TEST_P(KernelWatermark, SoManyNewBytesWake) {
  auto variant = GetParam();
  variant.options["watermark_bytes"] = "60";  // records of 24 bytes
  KernelRig rig(variant, {});
  const Listener listener(rig.subject->wait_fd(0));
  EXPECT_EQ(wakings(rig, listener, 7), "--w--w-");
}

TEST_P(KernelWatermark, WithoutANumberHalfTheBufferWakes) {
  auto variant = GetParam();
  variant.options["watermark_bytes"] = "0";
  KernelRig rig(variant, {});
  const Listener listener(rig.subject->wait_fd(0));
  rig.emit(0, 85);
  EXPECT_TRUE(listener.asleep()) << "2040 bytes";
  rig.emit(0, 1);
  EXPECT_TRUE(listener.woken()) << "2064 bytes of 4096";
}

}  // namespace
}  // namespace ringbench::conformance
