// What limits a layout: the first capacity that what is offered exceeds on average; where none is,
// what would lose less if there were twice as much of it.
#include <fmt/format.h>

#include <algorithm>

#include "planner/assessment.hpp"
#include "planner/contention.hpp"
#include "planner/number_words.hpp"
#include "planner/workload.hpp"

namespace ringbench::planner {
namespace {

constexpr double kNoLoss = 1e-6;  // less than this is called none
constexpr double kCrowded = 0.5;  // of what a lock can take: from here on producers wait for it

std::string lock_words(const Plan& plan, const Layout& layout, const LockLoad& load) {
  return fmt::format(
      "The lock of {} can take {} records/s from its producers, and {} are offered to it on "
      "average: "
      "what it cannot take is never sent. {:.1f} moves of a cache line a record are its price; "
      "fewer "
      "CPUs a ring lower it.",
      layout.rings == 1 ? "the ring" : fmt::format("the busiest of {} rings", layout.rings),
      in_count(load.takes), in_count(load.offered), plan.inputs.value.moves);
}

std::string uneven_words(const Layout& layout, double heaviest, double each) {
  return fmt::format(
      "{} consumer threads could read it all together, but {} rings cannot be shared out evenly "
      "among them: one thread is offered {} records/s and reads {}.",
      busy_threads(layout), layout.rings, in_count(heaviest), in_count(each));
}

std::string consumer_words(const Plan& plan, const Layout& layout, double offered, double read) {
  const auto& inputs = plan.inputs.value;
  const auto threads = busy_threads(layout);
  const auto held = records_held(layout, inputs.record_size) * layout.rings;
  const auto worth = std::min(1.0, held / (offered * plan.seconds));
  return fmt::format(
      "{} consumer thread{} read{} {} records/s of {} offered, so in the long run {} are lost "
      "however large the rings are. They hold {} records: all of that memory is worth at most {} "
      "points of loss over {:g} s. More rings help only as far as more threads read them, {} "
      "records/s each.",
      threads, threads == 1 ? "" : "s", threads == 1 ? "s" : "", in_count(read), in_count(offered),
      in_percent(1 - read / offered), in_count(held), fmt::format("{:.2g}", worth * 100),
      plan.seconds, in_count(thread_records_per_s(plan, inputs)));
}

std::string stage_words(double offered, double stage) {
  return fmt::format(
      "The stage behind the consumer threads takes {} records/s of {} offered: neither memory nor "
      "more rings or threads help.",
      in_count(stage), in_count(offered));
}

// Nothing is exceeded on average, and yet records are lost: in bursts, or while a thread stalls.
Limitation at_times(const Plan& plan, const Layout& layout, const Figures& figures) {
  auto more_memory = layout;
  more_memory.ring_bytes *= 2;
  auto faster = plan.inputs.value, freer = plan.inputs.value;
  faster.ns_per_record /= 2, faster.ns_per_poll /= 2;
  freer.stage_ns /= 2;
  const auto with_memory = expected_loss(plan, more_memory, plan.inputs.value);
  const auto with_speed = expected_loss(plan, layout, faster);
  const auto with_stage = freer.stage_ns > 0 ? expected_loss(plan, layout, freer) : 1;
  const auto words = fmt::format(
      "On average all could be read, but not at every time: {} of the records are lost; with twice "
      "the memory {}, with consumers twice as fast {}{}.",
      in_percent(figures.drop_fraction), in_percent(with_memory), in_percent(with_speed),
      freer.stage_ns > 0
          ? fmt::format(", with a shared stage twice as fast {}", in_percent(with_stage))
          : "");
  if (with_memory <= std::min(with_speed, with_stage)) return {Limit::ring_space, words};
  return {with_speed <= with_stage ? Limit::consumer : Limit::shared_stage, words};
}

Limitation without_loss(const Plan& plan, const Layout& layout, const Figures& figures,
                        double offered, double read) {
  const auto use = heaviest_lock_use(plan, layout);
  const auto words = fmt::format(
      "nothing is lost: a ring's lock is asked for at most {} of what it can take, the consumer "
      "threads on average for {} of what they can read. Half of all reserves take at most {}, 99 "
      "of "
      "100 at most {}; reserve and commit with every line in the producer's own cache take {}.",
      in_percent(use), in_percent(offered / read), in_ns(figures.reserve_p50_ns),
      in_ns(figures.reserve_p99_ns), in_ns(plan.inputs.value.alone_ns));
  if (use > kCrowded)
    return {Limit::lock, "Producers wait for each other at the lock, though " + words};
  return {Limit::nothing, "Contention does not matter and " + words};
}

}  // namespace

std::string_view words_of(Limit limit) {
  switch (limit) {
    case Limit::nothing:
      return "nothing";
    case Limit::lock:
      return "lock";
    case Limit::ring_space:
      return "ring_space";
    case Limit::consumer:
      return "consumer";
    case Limit::shared_stage:
      return "shared_stage";
  }
  return "";
}

double heaviest_lock_use(const Plan& plan, const Layout& layout) {
  const auto& inputs = plan.inputs.value;
  const auto latencies = latencies_of(plan, inputs);
  double most = 0;
  for (const auto& ring : producers_of_rings(layout)) {
    for (const auto& crowd : crowds_at(plan, inputs, ring)) {
      if (crowd.share <= kRareShare) continue;
      const auto asked = crowd.rate * static_cast<double>(crowd.producers.size());
      most = std::max(most, asked / lock_records_per_s(latencies, crowd.producers, inputs));
    }
  }
  return most;
}

Limitation limitation_of(const Plan& plan, const Layout& layout, const Figures& figures) {
  const auto& inputs = plan.inputs.value;
  const auto offered = offered_records_per_s(plan, inputs);
  const auto load = lock_load(plan, inputs, latencies_of(plan, inputs), producers_of_rings(layout));
  const auto read = consumer_records_per_s(plan, layout, inputs);
  const auto each = thread_records_per_s(plan, inputs) * awake_share(inputs);
  const auto heaviest = heaviest_thread_offered(plan, layout, inputs);
  const auto stage = stage_records_per_s(inputs);
  // How many times more is offered than can be taken.
  const auto of_lock = load.offered / load.takes, of_threads = heaviest / each;
  const auto of_stage = stage > 0 ? offered / stage : 0;
  if (std::max({of_lock, of_threads, of_stage}) > 1) {
    if (of_threads >= std::max(of_lock, of_stage))
      return {Limit::consumer, offered > read ? consumer_words(plan, layout, offered, read)
                                              : uneven_words(layout, heaviest, each)};
    if (of_lock >= of_stage) return {Limit::lock, lock_words(plan, layout, load)};
    return {Limit::shared_stage, stage_words(offered, stage)};
  }
  if (figures.drop_fraction > kNoLoss) return at_times(plan, layout, figures);
  return without_loss(plan, layout, figures, offered, read);
}

}  // namespace ringbench::planner
