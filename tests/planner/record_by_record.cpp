#include "tests/planner/record_by_record.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <random>
#include <vector>

#include "planner/flow_arrivals.hpp"

namespace ringbench::planner {
namespace {

constexpr double kSlot = 1e-6;  // seconds

// RFC 4737, by its words: the first earlier record that is newer is found among the running maxima.
struct OrderLog {
  std::vector<std::pair<double, double>> maxima;  // stamp, place
  double delivered = 0, reordered = 0, extents = 0;

  void deliver(double stamp) {
    if (maxima.empty() || stamp >= maxima.back().first) {
      maxima.push_back({stamp, delivered});
    } else {
      ++reordered;
      const auto first =
          std::ranges::upper_bound(maxima, stamp, {}, [](auto& m) { return m.first; });
      extents += delivered - first->second;
    }
    ++delivered;
  }
};

// The rule of bench/trial/merge_stage.hpp.
struct Merge {
  double wait;
  std::priority_queue<double, std::vector<double>, std::greater<>> held{};
  std::deque<std::pair<double, double>> rounds{};  // newest stamp, when
  double newest = -1, due = -1, held_slots = 0, peak = 0;

  void look(double now) {
    rounds.push_back({newest, now});
    for (; !rounds.empty() && now - rounds.front().second >= wait; rounds.pop_front())
      due = rounds.front().first;
    while (!held.empty() && held.top() <= std::max(due, newest - wait)) held.pop();
    held_slots += static_cast<double>(held.size());
    peak = std::max(peak, static_cast<double>(held.size()));
  }
};

struct Thread {
  std::vector<unsigned> rings;
  std::size_t at = 0;
  double taken = 0;  // of this turn
};

class Records {
 public:
  Records(const FlowPlan& plan, std::uint64_t seed)
      : plan_(plan),
        rings_(std::ranges::max(plan.buffers.ring_of_cpu) + 1),
        threads_(plan.consumers.threads),
        arrivals_(plan.sources, plan.buffers.ring_of_cpu, static_cast<unsigned>(rings_.size()),
                  seed),
        merge_{plan.consumers.merge_wait_s} {
    std::mt19937_64 random(seed);
    for (unsigned ring = 0; ring < rings_.size(); ++ring) {
      phases_.push_back(static_cast<double>(random() >> 11) * 0x1p-53);
      threads_[ring % threads_.size()].rings.push_back(ring);
    }
  }

  FlowResult run() {
    const auto slots = static_cast<std::int64_t>(plan_.seconds / kSlot);
    const auto threads = static_cast<std::int64_t>(threads_.size());
    for (std::int64_t slot = 0; slot < slots; ++slot) {
      const auto now = static_cast<double>(slot) * kSlot;
      while (arrivals_.next() <= now) arrivals_.change(arrivals_.next());
      if (arrivals_.on() > 0)
        for (unsigned ring = 0; ring < rings_.size(); ++ring) send(ring, now);
      if (slot % threads == 0 && waiting_ > 0)
        for (auto& thread : threads_) read(thread, now + kSlot);
      if (merge_.wait >= 0) merge_.look(now);
    }
    return result();
  }

 private:
  void send(unsigned ring, double now) {
    const auto count = std::lround(arrivals_.rate(ring) * kSlot);
    for (long i = 0; i < count; ++i) {
      ++result_.offered;
      if (static_cast<double>(rings_[ring].size()) >= plan_.buffers.records) {
        ++result_.dropped;
      } else {
        ++waiting_;
        rings_[ring].push_back(now + kSlot * (static_cast<double>(i) + phases_[ring]) /
                                         static_cast<double>(count));
      }
    }
  }

  void read(Thread& thread, double now) {
    if (thread.taken >= plan_.consumers.turn) step(thread);
    for (std::size_t i = 0; rings_[thread.rings[thread.at]].empty(); ++i) {
      if (i == thread.rings.size()) return;
      step(thread);
    }
    auto& ring = rings_[thread.rings[thread.at]];
    ++thread.taken;
    delays_.push_back(std::max(0.0, now - kSlot - ring.front()));
    order_.deliver(ring.front());
    if (merge_.wait >= 0) {
      merge_.held.push(ring.front());
      merge_.newest = std::max(merge_.newest, ring.front());
    }
    ring.pop_front();
    --waiting_;
  }

  static void step(Thread& thread) {
    thread.at = (thread.at + 1) % thread.rings.size();
    thread.taken = 0;
  }

  FlowResult result() {
    for (const auto& ring : rings_) result_.left += static_cast<double>(ring.size());
    result_.delivered = order_.delivered;
    std::ranges::sort(delays_);
    const auto quantile = [&](double q) {
      return delays_[static_cast<std::size_t>(q * static_cast<double>(delays_.size() - 1))];
    };
    for (const auto delay : delays_) result_.delay_mean += delay / order_.delivered;
    result_.delay_p50 = quantile(0.5);
    result_.delay_p99 = quantile(0.99);
    result_.delay_max = delays_.back();
    result_.reordered_ratio = order_.reordered / order_.delivered;
    result_.extent_mean = order_.extents / std::max(1.0, order_.reordered);
    result_.held_mean = merge_.held_slots * kSlot / plan_.seconds;
    result_.held_peak = merge_.peak;
    result_.merge_delay_mean = merge_.held_slots * kSlot / order_.delivered;
    return result_;
  }

  const FlowPlan& plan_;
  std::vector<std::deque<double>> rings_;  // stamps
  std::vector<double> phases_;             // of each ring's records within a slot
  std::vector<Thread> threads_;
  Arrivals arrivals_;
  Merge merge_;
  OrderLog order_;
  std::uint64_t waiting_ = 0;  // in all rings
  std::vector<double> delays_;
  FlowResult result_;
};

}  // namespace

FlowResult simulate_records(const FlowPlan& plan, std::uint64_t seed) {
  return Records(plan, seed).run();
}

}  // namespace ringbench::planner
