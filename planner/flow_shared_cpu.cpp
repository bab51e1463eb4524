// A thread that reads and a source that run in turns on one CPU, as a scheduler lets them: whoever
// has nothing to do gives way at once, the thread where all it reads is empty, the source when it
// has sent what it is late with. Between two events the source's records count as late while the
// thread has the CPU.
#include <algorithm>

#include "planner/flow_run.hpp"

namespace ringbench::planner {

void FlowRun::take_turns(double now) {
  using Who = SharedCpu::Who;
  const bool waits = shared_.late >= kWhole;
  switch (shared_.who) {
    case Who::both:
      begin_turn(comes_to(threads_.front()) > full_rate_ || is_behind() ? Who::thread : Who::both,
                 now);
      return;
    case Who::source:
      begin_turn(
          shared_.late > kRounding && shared_.next > now + kSameTime ? Who::source : Who::thread,
          now);
      return;
    case Who::thread:
      break;
  }
  const bool over = shared_.begin + plan_.consumers.slice_s <= now + kSameTime;
  if (waits && (over || !is_behind())) return begin_turn(Who::source, now);
  double comes = 0;
  for (unsigned ring = 0; ring < rings_.size(); ++ring) comes += arrivals_.rate(ring);
  const bool keeps_up = !waits && !is_behind() && comes <= full_rate_;
  begin_turn(keeps_up ? Who::both : Who::thread, now);
}

bool FlowRun::is_behind() const {
  return std::ranges::any_of(rings_, [](const Ring& ring) { return ring.level > 0; });
}

// Also goes on with a turn, when something has changed.
void FlowRun::begin_turn(SharedCpu::Who who, double now) {
  using Who = SharedCpu::Who;
  const auto number = plan_.buffers.ring_of_cpu.front();
  const auto due = arrivals_.rate_of_first();
  const auto sends = who == Who::both ? due : who == Who::thread ? 0 : plan_.consumers.late_rate;
  const auto in = std::max(0.0, arrivals_.rate(number) - due + sends);
  const bool goes_on = who == shared_.who && in == rings_[number].in;
  if (who != shared_.who) shared_.begin = now;
  if (who == Who::both && shared_.who != Who::both) {  // less than a record
    result_.offered += shared_.late;
    result_.delivered += shared_.late;
    shared_.late = 0;
  }
  shared_.who = who;
  shared_.late_grows = due - sends;
  shared_.next = kNever;
  if (who == Who::source) {
    if (shared_.late_grows < 0) shared_.next = now - shared_.late / shared_.late_grows;
  } else if (who == Who::thread) {
    if (shared_.late >= kWhole)
      shared_.next = std::max(now, shared_.begin + plan_.consumers.slice_s);
    else if (due > 0)
      shared_.next = now + (1 - shared_.late) / due;
  }
  if (goes_on) return;
  rings_[number].in = in;
  threads_.front().changed = true;
  offered_rate_ = 0;
  for (const auto& ring : rings_) offered_rate_ += ring.in;
}

}  // namespace ringbench::planner
