#include "planner/flow_run.hpp"

#include <algorithm>
#include <cmath>

namespace ringbench::planner {
namespace {

// The history of what was delivered is cut where it has so many points.
constexpr std::uint64_t kLongHistory = 1 << 14;

unsigned rings_of(const FlowPlan& plan) {
  return std::ranges::max(plan.buffers.ring_of_cpu) + 1;
}

}  // namespace

FlowRun::FlowRun(const FlowPlan& plan, std::uint64_t seed)
    : plan_(plan),
      arrivals_(plan.sources, plan.buffers.ring_of_cpu, rings_of(plan), seed),
      rings_(rings_of(plan)),
      curves_(rings_.size()),
      threads_(plan.consumers.threads),
      turns_(threads_.size(), plan.consumers.turn),
      full_rate_(plan.consumers.rate),
      order_(static_cast<unsigned>(rings_.size()), plan.consumers.threads),
      merge_(plan.consumers.merge_wait_s, static_cast<unsigned>(rings_.size())) {
  for (unsigned ring = 0; ring < rings_.size(); ++ring) {
    thread_of(ring).rings.push_back(ring);
    rings_[ring].in = arrivals_.rate(ring);
    offered_rate_ += rings_[ring].in;
  }
  for (auto& thread : threads_) thread.by_rounds = polls();
  if (plan.consumers.stall_s > 0 && plan.consumers.stall_every_s > 0) next_stall_ = 0;
}

FlowResult FlowRun::run() {
  change(0);
  allocate(0);
  while (step_.to < plan_.seconds) {
    advance(next_time());
    change(step_.to);
    allocate(step_.to);
    ++result_.events;
  }
  return finish();
}

double FlowRun::next_time() {
  auto next = std::min({plan_.seconds, arrivals_.next(), next_stall_, shared_.next});
  for (const auto ring : tracked_) next = std::min(next, rings_[ring].next);
  if (!stalled_)
    for (const auto& thread : threads_)
      if (thread.by_rounds && !thread.in_round) next = std::min(next, thread.next_poll);
  for (const auto& thread : threads_)
    if (is_waking(thread, step_.to)) next = std::min(next, thread.wakes);
  if (merge_.exists())
    next = std::min(next, merge_.next(step_.to, step_.goes_on, order_.history()));
  return std::max(next, step_.to);
}

// --- from one event to the next -----------------------------------------------------------------

void FlowRun::advance(double to) {
  step_.from = step_.to;
  step_.to = to;
  const auto seconds = step_.seconds();
  if (seconds == 0) return;
  step_.delivered_before = result_.delivered;
  deliveries_.clear();
  for (const auto ring : tracked_) read_ring(ring);
  for (const auto& delivery : deliveries_)
    delays_.add(delivery.records, delivery.read_from - delivery.stamp_from,
                std::max(0.0, delivery.read_to - delivery.stamp_to));
  result_.offered += offered_rate_ * seconds;
  result_.delivered += step_.rate * seconds;
  shared_.late = std::max(0.0, shared_.late + shared_.late_grows * seconds);
  on_seconds_ += arrivals_.on() * seconds;
  if (arrivals_.on() > 0) any_on_seconds_ += seconds;

  order_.account(step_, deliveries_, turns_);
  for (const auto& thread : threads_) {
    if (thread.through.rate == 0) continue;
    delays_.add(thread.through.rate * seconds, 0, thread.through.sweep_s);
    passed_ += thread.through.rate * seconds;
    order_.account_passing(thread.through, seconds);
  }
  if (merge_.exists()) merge_.account(step_, deliveries_, anybody_awake(), order_.history());
  if (order_.history().last() - order_.history().begin() > kLongHistory) {
    const auto needed = merge_.exists() ? merge_.cursor() : order_.history().last();
    order_.forget(tracked_, needed);
  }
}

void FlowRun::read_ring(unsigned number) {
  auto& ring = rings_[number];
  const auto seconds = step_.seconds();
  if (ring.out > 0) curves_[number].take(number, ring.out, step_.from, step_.to, deliveries_);
  ring.round -= ring.out * seconds;
  ring.level += (accepted(ring) - ring.out) * seconds;
  if (frees_together()) ring.unfreed += ring.out * seconds;
  result_.peak_records = std::max(result_.peak_records, ring.level + ring.unfreed);
  if (!ring.full) return;
  const auto lost = (ring.in - accepted(ring)) * seconds;
  result_.dropped += lost;
  if (thread_of(number).rate >= full_rate_ * (1 - 1e-9)) result_.dropped_busy += lost;
}

bool FlowRun::anybody_awake() const {
  return !stalled_ &&
         (!polls() || std::ranges::any_of(threads_, [](auto& thread) { return thread.in_round; }));
}

// --- what changes at an event -------------------------------------------------------------------

void FlowRun::change(double now) {
  for (auto& thread : threads_) thread.changed |= thread.wakes == now;
  const auto& changed = arrivals_.change(now);
  for (const auto ring : changed) thread_of(ring).keeps_up = keeps_up(thread_of(ring));
  for (const auto ring : changed) {
    rings_[ring].in = arrivals_.rate(ring);
    thread_of(ring).changed = true;
  }
  for (const auto ring : changed) {
    auto& thread = thread_of(ring);
    if (thread.keeps_up && comes_to(thread) > full_rate_)
      thread.wakes = now + plan_.consumers.wakeup_s;
  }
  if (!changed.empty()) {
    offered_rate_ = 0;
    for (const auto& ring : rings_) offered_rate_ += ring.in;
  }
  if (next_stall_ <= now) change_stall();
  for (const auto ring : tracked_)
    if (rings_[ring].next <= now + kSameTime) change_ring(ring, now);
  if (polls()) change_rounds(now);
  if (frees_together() && !polls())
    for (auto& thread : threads_)
      if (thread.changed || thread.by_rounds) go_by_rounds(thread, now);
  if (plan_.consumers.shares_cpu) take_turns(now);
}

// Stall i lasts from i stall_every_s on.
void FlowRun::change_stall() {
  stalled_ = !stalled_;
  if (!stalled_) ++stalls_;
  next_stall_ = static_cast<double>(stalls_) * plan_.consumers.stall_every_s;
  if (stalled_) next_stall_ += plan_.consumers.stall_s;
  for (auto& thread : threads_) thread.changed = true;
}

void FlowRun::change_ring(unsigned number, double now) {
  auto& ring = rings_[number];
  switch (ring.turn) {
    case Turn::none:
      break;
    case Turn::empty:
      result_.delivered += ring.level;  // what rounding has left
      ring.level = 0;
      thread_of(number).changed = true;
      return;
    case Turn::full:
      result_.dropped += ring.level - most(ring);
      ring.level = most(ring);
      ring.full = true;
      curves_[number].bend(now, accepted(ring), ring.level);
      break;
    case Turn::round_over:
      ring.round = ring.unfreed = 0;
      thread_of(number).changed = true;
      return;
    case Turn::past_gap:
      curves_[number].pass_gap();
      break;
  }
  foresee(number, now);
}

void FlowRun::change_rounds(double now) {
  for (auto& thread : threads_) {
    if (thread.in_round && thread.changed && !stalled_) {
      thread.in_round =
          std::ranges::any_of(thread.rings, [&](unsigned ring) { return rings_[ring].round > 0; });
      if (!thread.in_round) thread.next_poll = now + plan_.consumers.poll_interval_s;
    }
    if (!thread.in_round && !stalled_ && thread.next_poll <= now) begin_round(thread, now);
  }
}

void FlowRun::begin_round(Thread& thread, double now) {
  double records = 0;
  unsigned holding = 0;
  for (const auto number : thread.rings) {
    auto& ring = rings_[number];
    ring.round = ring.level;
    ring.unfreed = 0;
    records += ring.level;
    holding += ring.level > 0;
  }
  thread.in_round = holding > 0;
  thread.next_poll = now + plan_.consumers.poll_interval_s;
  if (!thread.in_round) return;
  thread.changed = true;
  turns_[static_cast<std::size_t>(&thread - threads_.data())] =
      std::min(plan_.consumers.turn, records / holding);
}

// Where a thread that frees together is not behind, what comes passes; else it takes turns.
void FlowRun::go_by_rounds(Thread& thread, double now) {
  if (!thread.by_rounds) {
    if (keeps_up(thread)) return;
    thread.by_rounds = thread.changed = true;
    thread.next_poll = std::max(now, thread.wakes);
  }
  auto& ring = rings_[thread.rings[thread.turn]];
  if (thread.in_round && ring.round > kRounding) return;
  thread.in_round = false;
  ring.round = ring.unfreed = 0;
  if (!stalled_ && thread.next_poll <= now + kSameTime) take_turn(thread, now);
}

// The next ring that holds a record. Where none does, it waits for one, or is no more behind.
void FlowRun::take_turn(Thread& thread, double now) {
  thread.changed = true;
  for (std::size_t i = 1; i <= thread.rings.size(); ++i) {
    const auto place = (thread.turn + i) % thread.rings.size();
    auto& ring = rings_[thread.rings[place]];
    if (ring.level < kWhole) continue;
    thread.turn = place;
    thread.in_round = true;
    ring.round = ring.level;
    thread.wakes = now + plan_.consumers.turn_s;
    return;
  }
  const auto comes = comes_to(thread);
  if (comes > full_rate_) {
    thread.next_poll = now + 1 / comes;
    return;
  }
  thread.by_rounds = false;
  for (const auto number : thread.rings) {  // less than a record each
    result_.delivered += rings_[number].level;
    rings_[number].level = 0;
  }
}

bool FlowRun::keeps_up(const Thread& thread) const {
  const auto holds = [&](unsigned ring) { return rings_[ring].level > 0; };
  return comes_to(thread) <= full_rate_ && std::ranges::none_of(thread.rings, holds);
}

double FlowRun::comes_to(const Thread& thread) const {
  double comes = 0;
  for (const auto ring : thread.rings) comes += rings_[ring].in;
  return comes;
}

FlowResult FlowRun::finish() {
  auto result = result_;
  for (const auto& ring : rings_) result.left += ring.level;
  result.dropped_busy = std::min(result.dropped_busy, result.dropped);  // to rounding
  const auto& consumers = plan_.consumers;
  result.busy_fraction = result.delivered / (full_rate_ * consumers.threads * plan_.seconds);
  result.delay_mean = delays_.mean();
  result.delay_p50 = delays_.quantile(0.5);
  result.delay_p99 = delays_.quantile(0.99);
  result.delay_max = delays_.largest();
  result.extent_mean = order_.extents().mean();
  if (any_on_seconds_ > 0) result.width_mean = on_seconds_ / any_on_seconds_;
  if (result.delivered <= 0) return result;
  result.passed_ratio = std::min(passed_ / result.delivered, 1.0);  // to rounding
  result.reordered_ratio = order_.reordered() / result.delivered;
  if (!merge_.exists()) return result;
  result.held_mean = merge_.held_seconds() / plan_.seconds;
  result.held_peak = merge_.held_peak();
  result.merge_delay_mean = merge_.held_seconds() / result.delivered;
  result.late_ratio = merge_.late() / result.delivered;
  return result;
}

}  // namespace ringbench::planner
