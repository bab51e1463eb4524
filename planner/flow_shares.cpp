// How the threads of a flow simulation divide their rates.
#include <algorithm>
#include <cmath>

#include "planner/flow_run.hpp"

namespace ringbench::planner {
namespace {

// So much more than a share still counts as no more: sums of rates are rounded.
constexpr double kShareRounding = 1 + 1e-12;

}  // namespace

void FlowRun::allocate(double now) {
  for (auto& thread : threads_)
    if (thread.changed) thread.wants = wanted(thread);
  share_stage();
  step_.goes_on = true;
  for (auto& thread : threads_) {
    if (!thread.changed) continue;
    serve(thread, now);
    thread.changed = false;
    step_.goes_on = false;
  }
  if (step_.goes_on) return;
  step_.passing_rate = step_.rate = 0;
  for (const auto& thread : threads_) {
    step_.passing_rate += thread.through.rate;
    step_.rate += thread.reading;
  }
}

double FlowRun::wanted(const Thread& thread) const {
  if (stalled_ || shared_.who == SharedCpu::Who::source || is_waking(thread, step_.to)) return 0;
  if (thread.by_rounds) return thread.in_round ? full_rate_ : 0;
  double comes = 0;
  for (const auto ring : thread.rings) {
    if (rings_[ring].level > 0) return full_rate_;
    comes += rings_[ring].in;
  }
  return std::min(comes, full_rate_);
}

// Equal shares of the stage to the threads; what one does not want goes to the others.
void FlowRun::share_stage() {
  auto share = kNever;
  if (plan_.consumers.stage_rate > 0) {
    auto rest = plan_.consumers.stage_rate;
    by_want_.clear();
    for (const auto& thread : threads_) by_want_.push_back(thread.wants);
    std::ranges::sort(by_want_);
    for (auto left = static_cast<double>(by_want_.size()); const auto wants : by_want_) {
      if (wants * left > rest * kShareRounding) {
        share = rest / left;
        break;
      }
      rest -= wants;
      --left;
    }
  }
  for (auto& thread : threads_) {
    const auto rate = std::min(thread.wants, share);
    thread.changed |= rate != thread.rate;
    thread.rate = rate;
  }
}

void FlowRun::serve(Thread& thread, double now) {
  const auto share = share_of(thread);
  thread.reading = 0;
  thread.through = {};
  unsigned holding = 0;
  for (const auto number : thread.rings) {
    auto& ring = rings_[number];
    bool passes = ring.level == 0 && ring.in <= share * kShareRounding;
    auto out = passes ? ring.in : share;
    if (thread.by_rounds) {
      passes = ring.level == 0 && ring.unfreed == 0 && ring.in == 0;
      out = ring.round > 0 ? share : 0;
    }
    serve_ring(number, out, !passes, now);
    thread.reading += out;
    holding += !passes;
    if (passes && out > 0) {
      thread.through.rate += out;
      ++thread.through.rings;
    }
  }
  if (thread.through.rate == 0) return;
  // In a sweep over its rings the thread takes a turn of each that holds something, and what has
  // come to the others meanwhile. Busy to the last it would never get round.
  const auto idle = std::max(1e-3, 1 - thread.through.rate / full_rate_);
  thread.through.sweep_s = (static_cast<double>(thread.rings.size()) * plan_.consumers.look_s +
                            holding * plan_.consumers.turn / full_rate_) /
                           idle;
}

// What a ring of the thread may take at most.
double FlowRun::share_of(const Thread& thread) const {
  double passing = 0, most = 0;
  unsigned taking = 0, coming = 0;
  for (const auto number : thread.rings) {
    const auto& ring = rings_[number];
    if (thread.by_rounds ? ring.round > 0 : ring.level > 0) {
      ++taking;
    } else if (ring.in > 0) {
      ++coming;
      passing += ring.in;
      most = std::max(most, ring.in);
    }
  }
  if (thread.by_rounds) return taking > 0 ? thread.rate / taking : 0;
  if (taking == 0 && passing <= thread.rate * kShareRounding) return kNever;
  if (taking > 0 && thread.rate - passing >= most * taking) return (thread.rate - passing) / taking;

  // Some of what could pass does not: from the equal share up, until nobody else needs less.
  auto all = taking + coming;
  for (auto share = thread.rate / all;;) {
    passing = 0;
    auto more = taking;
    for (const auto number : thread.rings) {
      const auto& ring = rings_[number];
      if (ring.level > 0 || ring.in == 0) continue;
      if (ring.in <= share * kShareRounding) {
        passing += ring.in;
      } else {
        ++more;
      }
    }
    if (more == all) return share;
    if (more == 0) return kNever;
    share = (thread.rate - passing) / more;
    all = more;
  }
}

void FlowRun::serve_ring(unsigned number, double out, bool tracked, double now) {
  auto& ring = rings_[number];
  ring.out = out;
  if (!tracked) {
    if (ring.tracked) untrack(number);
    return;
  }
  if (!ring.tracked) track(number, now);
  ring.full = ring.level >= most(ring) && ring.in > (frees_together() ? 0 : out);
  curves_[number].bend(now, accepted(ring), ring.level);
  foresee(number, now);
}

void FlowRun::track(unsigned number, double now) {
  rings_[number].tracked = true;
  rings_[number].place = static_cast<unsigned>(tracked_.size());
  tracked_.push_back(number);
  curves_[number].start(now, rings_[number].in);
  order_.start_ring(number);
}

void FlowRun::untrack(unsigned number) {
  auto& ring = rings_[number];
  tracked_[ring.place] = tracked_.back();
  rings_[tracked_.back()].place = ring.place;
  tracked_.pop_back();
  ring.tracked = ring.full = false;
  ring.round = ring.unfreed = 0;
}

void FlowRun::foresee(unsigned number, double now) {
  auto& ring = rings_[number];
  ring.next = kNever;
  ring.turn = Turn::none;
  const auto consider = [&](Turn turn, double seconds) {
    if (now + seconds < ring.next) ring.next = now + seconds, ring.turn = turn;
  };
  if (ring.out > 0) consider(Turn::past_gap, curves_[number].before_gap() / ring.out);
  const bool by_rounds = thread_of(number).by_rounds;
  if (ring.out > 0 && by_rounds) consider(Turn::round_over, ring.round / ring.out);
  if (ring.out > ring.in && !by_rounds) consider(Turn::empty, ring.level / (ring.out - ring.in));
  const auto fills = ring.in - (frees_together() ? 0 : ring.out);
  if (fills > 0 && !ring.full) consider(Turn::full, std::max(0.0, most(ring) - ring.level) / fills);
}

}  // namespace ringbench::planner
