// A lost wake-up is told from one that is merely late, and from a buffer that is empty.
#include "bench/trial/wakeup_watch.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <deque>
#include <functional>

#include "bench/trial/consumer_loop.hpp"
#include "impls/list.hpp"
#include "impls/notify.hpp"

namespace ringbench {
namespace {

constexpr auto kNeverWoken = ~std::uint64_t{0} / 2;

// A buffer to which something is done at each sleep of its consumer: ready_to_wait() is the last
// that the loop calls before it sleeps. The doorbell rings when it is told to, and only then.
class PlannedRing {
 public:
  explicit PlannedRing(std::size_t size) : size_(size), fd_(eventfd(0, EFD_NONBLOCK)) {}
  ~PlannedRing() { close(fd_); }
  PlannedRing(const PlannedRing&) = delete;
  PlannedRing& operator=(const PlannedRing&) = delete;

  void put(const Event& event) { waiting_.push_back(event); }
  void ring() const { ASSERT_EQ(eventfd_write(fd_, 1), 0); }

  template <Sink S>
  std::size_t consume(unsigned /*ring*/, S& sink, std::size_t /*budget*/) {
    std::size_t found = 0;
    for (; !waiting_.empty(); ++found) {
      std::vector<std::byte> bytes(size_);
      write_payload(bytes.data(), size_, waiting_.front(), true);
      waiting_.pop_front();
      sink.record(bytes);
    }
    return found;
  }
  std::size_t occupancy(unsigned /*ring*/) {
    while_looked_at();
    return waiting_.size() * size_;
  }
  int wait_fd(unsigned /*ring*/) const { return fd_; }
  bool ready_to_wait(unsigned /*ring*/) {
    before_sleep();
    return true;
  }

  std::function<void()> before_sleep = [] {};
  std::function<void()> while_looked_at = [] {};

 private:
  std::deque<Event> waiting_;
  std::size_t size_;
  int fd_;
};

class WakeupWatchTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  WakeupWatchTest() {
    plan.rings = {0};
    plan.sleeps = true;
    plan.progress = &progress;
    timeline.start = timeline.window_begin = 1;
    timeline.window_end = timeline.drain_end = kNeverWoken;
  }

  // One step at each sleep; the loop ends with the last.
  ConsumerFacts run(std::vector<std::function<void()>> steps) {
    std::size_t next = 0;
    ring.before_sleep = [&] {
      if (next < steps.size()) steps[next]();
      if (++next >= steps.size()) producing = 0;
    };
    return ConsumerLoop<PlannedRing>(ring, receiver, plan, timeline, producing, stop).run().facts;
  }
  void put(std::uint32_t producer) { ring.put({producer, sent[producer]++, 0}); }

  PlannedRing ring{GetParam()};
  Receiver receiver{2, GetParam(), true, 0, 1'000};
  std::array<std::uint64_t, 2> sent{};
  std::array<std::atomic<std::uint64_t>, 2> over{};
  AttemptsOver progress{&over[0], &over[1]};
  ConsumerPlan plan;
  Timeline timeline;
  std::atomic<unsigned> producing{1};
  std::atomic<bool> stop{false};
};
INSTANTIATE_TEST_SUITE_P(Sizes, WakeupWatchTest, ::testing::Values(8, 32));

TEST_P(WakeupWatchTest, CountsExactlyTheWakeupsThatWereLost) {
  const auto told = [&] {
    put(0);
    over[0] = sent[0];
    ring.ring();
  };
  const auto untold = [&] {
    put(0);
    over[0] = sent[0];
  };
  const auto facts = run({told, untold, told, untold, untold, told});
  EXPECT_EQ(facts.sleeps, 6U);
  EXPECT_EQ(facts.wakeups, 3U);
  EXPECT_EQ(facts.lost_wakeups, 3U);
  EXPECT_EQ(facts.late_wakeups, 0U);
  EXPECT_EQ(receiver.sources()[0].consumed, 6U);
}

TEST_P(WakeupWatchTest, WhoIsStillInItsCommitIsLate) {
  over[1] = 50;  // another's attempts say nothing of this one's
  const auto facts = run({[&] { put(0); }, [&] { over[0] = sent[0]; }});
  EXPECT_EQ(facts.lost_wakeups, 0U);
  EXPECT_EQ(facts.late_wakeups, 1U);
}

TEST_P(WakeupWatchTest, ABellAfterTheTimeOutIsLate) {
  ring.while_looked_at = [&] {
    if (sent[0] == 1 && over[0] == 0) {
      over[0] = 1;
      ring.ring();
    }
  };
  const auto facts = run({[&] { put(0); }, [] {}});
  EXPECT_EQ(facts.lost_wakeups, 0U);
  EXPECT_EQ(facts.late_wakeups, 1U);
  EXPECT_EQ(facts.wakeups, 0U);
}

TEST_P(WakeupWatchTest, AnEmptyBufferIsSleptOverRightly) {
  over[0] = over[1] = 7;
  const auto facts = run({[] {}, [] {}});
  EXPECT_EQ(facts.sleeps, 2U);
  EXPECT_EQ(facts.lost_wakeups + facts.late_wakeups, 0U);
}

TEST_P(WakeupWatchTest, TheFirstRecordDecides) {
  const auto facts = run({[&] {
    put(1);
    put(0);
    over[0] = sent[0];
  }});
  EXPECT_EQ(facts.lost_wakeups, 0U) << "producer 1 may yet ring";
  EXPECT_EQ(facts.late_wakeups, 1U);
}

TEST_P(WakeupWatchTest, NothingIsCountedWhereNothingIsPromised) {
  plan.progress = nullptr;
  const auto facts = run({[&] {
    put(0);
    over[0] = sent[0];
  }});
  EXPECT_EQ(facts.sleeps, 1U);
  EXPECT_EQ(facts.lost_wakeups + facts.late_wakeups, 0U);
  EXPECT_EQ(receiver.sources()[0].consumed, 1U);
}

TEST(WakesEverySleeper, FollowsFromTheOptions) {
  EXPECT_TRUE(wakes_every_sleeper({{"notify", "adaptive"}, {"overwrite", "off"}}));
  EXPECT_TRUE(wakes_every_sleeper({{"notify", "always"}}));
  EXPECT_TRUE(wakes_every_sleeper({{"notify", "native"}, {"base", "ringbuf"}}));
  EXPECT_FALSE(wakes_every_sleeper({{"notify", "native"}, {"base", "perfbuf"}}));
  EXPECT_FALSE(wakes_every_sleeper({{"notify", "adaptive"}, {"overwrite", "on"}}));
  for (const char* word : {"watermark", "never", "sampled"}) {
    EXPECT_FALSE(wakes_every_sleeper({{"notify", word}})) << word;
  }
  EXPECT_FALSE(wakes_every_sleeper({}));
}

}  // namespace
}  // namespace ringbench
