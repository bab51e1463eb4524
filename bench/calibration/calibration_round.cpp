#include "bench/calibration/calibration_round.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/calibration/alone.hpp"
#include "bench/calibration/in_turns.hpp"
#include "bench/calibration/wakeups.hpp"
#include "bench/calibration/watched.hpp"
#include "bench/limits/hand_over.hpp"
#include "bench/trial/child_process.hpp"
#include "topology/affinity.hpp"
#include "topology/noise.hpp"

namespace ringbench {
namespace {

using namespace calibration;
using nlohmann::json;

constexpr std::size_t kSlicesAlone = 3;  // reserve and commit, commit, poll
constexpr std::size_t kSlicesOfTwo = 3;  // remote cold, drain, watched
constexpr std::size_t kSlicesOfWakeups = 3;
constexpr std::size_t kSlicesOfPair = 2;  // hand over, with a record and without

// As long as a consumer sleeps between bursts: a core has gone idle by then.
constexpr double kAsleepS = 200e-6;
constexpr double kBetweenWatchedS = 1e-6;

std::size_t slices(std::size_t pairs) {
  if (pairs == 0) return kSlicesAlone + 1;  // the drain
  return kSlicesAlone + kSlicesOfTwo + kSlicesOfWakeups + kSlicesOfPair * pairs;
}

json or_null(const std::vector<std::optional<double>>& values) {
  json found = json::array();
  for (const auto& value : values) found.push_back(value ? json(*value) : json(nullptr));
  return found;
}
std::vector<std::optional<double>> from_null(const json& values) {
  std::vector<std::optional<double>> found;
  for (const json& value : values) {
    found.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
  }
  return found;
}

json from_stalls(const Stalls& stalls) {
  json bins = json::array();
  for (const StallBin& bin : stalls.histogram) bins.push_back({bin.from_us, bin.to_us, bin.count});
  return {stalls.watched_s, stalls.count, stalls.lost_s, stalls.longest_us, bins};
}
Stalls stalls_from(const json& found) {
  Stalls stalls{found.at(0).get<double>(),
                found.at(1).get<std::uint64_t>(),
                found.at(2).get<double>(),
                found.at(3).get<double>(),
                {}};
  for (const json& bin : found.at(4)) {
    stalls.histogram.push_back(
        {bin.at(0).get<double>(), bin.at(1).get<double>(), bin.at(2).get<std::uint64_t>()});
  }
  return stalls;
}

Bytes to_bytes(const CalibrationRound& round) {
  return json::to_cbor(json{{"values", round.values},
                            {"latency_ns", or_null(round.latency_ns)},
                            {"moves", or_null(round.moves)},
                            {"stalls", from_stalls(round.stalls)},
                            {"failure", round.failure}});
}
CalibrationRound from_bytes(const Bytes& bytes) {
  const json found = json::from_cbor(bytes);
  return {found.at("values").get<std::map<std::string, double>>(),
          from_null(found.at("latency_ns")), from_null(found.at("moves")),
          stalls_from(found.at("stalls")), found.at("failure").get<std::string>()};
}

class RoundOfMeasurements {
 public:
  RoundOfMeasurements(const CalibrationPlan& plan, std::size_t number)
      : plan_(plan), number_(number), slice_(in_ticks(plan.slice_s)) {}

  CalibrationRound measure() {
    watch();
    alone(plan_.cpus[number_ % plan_.cpus.size()]);
    if (!plan_.pairs.empty()) two_cpus();
    for (const auto& [a, b] : plan_.pairs) pair(a, b);
    return std::move(round_);
  }

 private:
  std::uint64_t in_ticks(double seconds) const {
    return static_cast<std::uint64_t>(seconds * plan_.clock.hz);
  }
  double in_ns(double ticks) const { return ticks * 1e9 / plan_.clock.hz; }

  void note(const char* key, std::optional<double> ticks) {
    if (ticks) round_.values[key] = in_ns(*ticks);
  }

  void watch() { round_.stalls.add(measure_noise(plan_.cpus, plan_.watch_s, plan_.clock.hz)); }

  void alone(unsigned cpu) {
    const Alone how{cpu, slice_, plan_.clock.timer_pair_of(cpu)};
    note("producer.alone_ns", reserve_and_commit(how));
    commit_ticks_ = commit(how);
    note("producer.outside_lock_ns", commit_ticks_);
    note("consumer.ns_per_poll", empty_poll(how));
    if (plan_.pairs.empty()) note("consumer.ns_per_record", drain(how));
  }

  // Every pair has its turn, and then every pair the other way round.
  void two_cpus() {
    const std::size_t turn = number_ % plan_.pairs.size();
    const bool swapped = number_ / plan_.pairs.size() % 2 == 1;
    auto [a, b] = plan_.pairs[turn];
    auto offset = plan_.offsets[turn].ticks;
    if (swapped) {
      std::swap(a, b);
      offset = -offset;
    }
    pin_to(a);  // whose node the rings' pages are to be on
    const auto pair_a = plan_.clock.timer_pair_of(a), pair_b = plan_.clock.timer_pair_of(b);
    note("producer.remote_cold_ns", remote_cold({a, b, slice_, pair_a}));
    note("producer.watched_ns", watched({a, b, slice_, in_ticks(kBetweenWatchedS), pair_a}));
    note("consumer.ns_per_record", drain({a, b, slice_, pair_b}));
    wakeups({a, b, kSlicesOfWakeups * slice_, in_ticks(kAsleepS), pair_a, offset});
  }

  void wakeups(const WakeupPlan& plan) {
    const Wakeups found = measure_wakeups(plan);
    note("consumer.wakeup_ns", found.latency_ticks);
    if (found.commit_ticks && commit_ticks_) {
      note("producer.notify_ns", *found.commit_ticks - *commit_ticks_);
    }
  }

  // The moves of a record: what it takes beyond its token, in hand-overs of one line.
  void pair(unsigned a, unsigned b) {
    pin_to(a);
    const auto token = hand_over(a, b, slice_);
    const auto both = record_and_token({a, b, slice_, 0});
    round_.latency_ns.push_back(token ? std::optional(in_ns(*token)) : std::nullopt);
    round_.moves.push_back(token && both ? std::optional((*both - *token) / *token) : std::nullopt);
  }

  const CalibrationPlan& plan_;
  std::size_t number_;
  std::uint64_t slice_;
  std::optional<double> commit_ticks_;
  CalibrationRound round_;
};

}  // namespace

CalibrationPlan plan_calibration(const Machine& machine, std::vector<unsigned> cpus,
                                 double seconds) {
  constexpr double kRounds = 15;
  constexpr double kShareOfSlices = 0.6;  // of the time; the rest is for threads and for stalls
  CalibrationPlan plan;
  std::ranges::sort(cpus);
  plan.pairs = representative_pairs(machine, cpus);
  plan.clock = measure_clock(cpus);
  plan.cpus = std::move(cpus);
  for (const auto& [a, b] : plan.pairs) plan.offsets.push_back(clock_offset(a, b));
  const double fits =
      kShareOfSlices * seconds / kRounds / static_cast<double>(slices(plan.pairs.size()));
  plan.slice_s = std::clamp(fits, 1e-3, 4e-3);
  plan.watch_s = 10 * plan.slice_s;
  return plan;
}

double expected_seconds(const CalibrationPlan& plan) {
  constexpr double kOfThreads = 1.25;  // to start and end them, for each slice
  const double to_watch = plan.watch_s + 10e-3 + 1e-3 * static_cast<double>(plan.cpus.size());
  return to_watch + kOfThreads * plan.slice_s * static_cast<double>(slices(plan.pairs.size()));
}

CalibrationRound measure_round(const CalibrationPlan& plan, std::size_t number) {
  const auto work = [&] {
    try {
      return to_bytes(RoundOfMeasurements(plan, number).measure());
    } catch (const std::exception& error) {
      CalibrationRound failed;
      failed.failure = error.what();
      return to_bytes(failed);
    }
  };
  const auto answer = run_in_child(work, 10 * expected_seconds(plan) + 5);
  if (answer.failure.empty()) return from_bytes(answer.bytes);
  CalibrationRound failed;
  failed.failure = "the process that measured a round " + answer.failure;
  return failed;
}

}  // namespace ringbench
