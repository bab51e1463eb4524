#include "bench/calibration/in_turns.hpp"

#include <utility>
#include <vector>

#include "bench/calibration/calibrated_ring.hpp"
#include "bench/calibration/full_ring.hpp"
#include "bench/limits/slices.hpp"
#include "bench/limits/turns.hpp"
#include "topology/clock.hpp"

namespace ringbench::calibration {
namespace {

// What the first turns pay for pages and lines that nobody has used yet is no part of it.
std::optional<double> without_first(std::vector<double> values) {
  if (!values.empty()) values.erase(values.begin());
  return median_of_enough(std::move(values));
}

}  // namespace

std::optional<double> record_and_token(const InTurns& how) {
  constexpr std::uint64_t kRoundTrips = kBatch / 2;  // a record each way
  Ring ring = make_ring(kRingBytes);
  Producer a = ring.producer(0), b = ring.producer(1);
  const auto clear = [&ring] {
    Discard discard;
    ring.consume(0, discard, 0);
  };
  return without_first(take_turns(
      how.cpu_a, how.cpu_b, {how.for_ticks, kRoundTrips}, [&a] { produce(a); },
      [&b] { produce(b); }, clear));
}

std::optional<double> remote_cold(const InTurns& how) {
  Ring ring = make_ring(kRingBytes);
  Producer producer = ring.producer(0);
  std::vector<double> found;
  const auto produce_batch = [&] {
    const auto begin = begin_timing();
    for (std::uint64_t i = 0; i < kBatch; ++i) produce(producer);
    const auto end = end_timing();
    found.push_back((static_cast<double>(end - begin) - static_cast<double>(how.timer_pair)) /
                    static_cast<double>(kBatch));
  };
  const auto read_batch = [&ring] {
    ReadAll reader;
    ring.consume(0, reader, 0);
  };
  // Two batches fill more than the ring: from the third on, every place was read by B before.
  constexpr std::uint64_t kBeforeFirst = 3;
  take_turns(how.cpu_a, how.cpu_b, {how.for_ticks, 1}, produce_batch, read_batch, [] {});
  if (found.size() <= kBeforeFirst) return std::nullopt;
  found.erase(found.begin(), found.begin() + kBeforeFirst);
  return median_of_enough(std::move(found));
}

std::optional<double> drain(const InTurns& how) {
  FullRing ring(how.timer_pair);
  take_turns(
      how.cpu_a, how.cpu_b, {how.for_ticks, 1}, [&ring] { ring.fill(); }, [&ring] { ring.drain(); },
      [] {});
  return without_first(ring.ticks_a_record());
}

}  // namespace ringbench::calibration
