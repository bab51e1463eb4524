// What makes a resolved cell senseless as a whole, though each of its values is allowed.
#include <fmt/format.h>

#include <algorithm>

#include "bench/config/matrix.hpp"
#include "bench/config/noise_limits.hpp"

namespace ringbench {
namespace {

using Complaints = std::vector<Complaint>;

void check_cpus(const Cell& cell, Complaints& complaints) {
  if (cell.placement != "explicit") return;
  if (cell.cpus.empty()) {
    complaints.push_back(
        {{"placement"}, "\"explicit\" needs the CPU of each producer; state cpus"});
    return;
  }
  if (cell.cpus.size() != cell.producers) {
    complaints.push_back(
        {{"cpus", "producers"},
         fmt::format("found {} CPUs for {} producers; allowed: one CPU for each producer",
                     cell.cpus.size(), cell.producers)});
  }
  auto sorted = cell.cpus;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end() && !cell.oversubscribe) {
    complaints.push_back({{"cpus", "producers"},
                          fmt::format("found CPU {} twice, where two producers would take turns; "
                                      "allowed only with oversubscribe = true",
                                      *twice)});
  }
}

void check_consumer(const Cell& cell, Complaints& complaints) {
  if (cell.poll == "after_window" && cell.consumers != "one") {
    complaints.push_back(
        {{"poll", "consumers"},
         "found \"after_window\" with consumers = \"per_ring\"; it is allowed only with "
         "consumers = \"one\""});
  }
}

void check_bursts(const Cell& cell, Complaints& complaints) {
  if (cell.bursty() && cell.burst_width > cell.producers) {
    complaints.push_back(
        {{"burst_width", "producers"},
         fmt::format("found a burst on {} of {} producers; allowed: at most as many "
                     "as there are producers",
                     cell.burst_width, cell.producers)});
  }
}

void check_schedule(const Cell& cell, Complaints& complaints) {
  if (cell.duration_ms > 0 && cell.duration_ms < 1) {
    complaints.push_back(
        {{"duration_ms"},
         fmt::format(
             "found {} ms; allowed: at least 1 ms, or 0 to have it chosen from the noise of "
             "the machine",
             cell.duration_ms)});
  }
  const double window_ms = cell.duration_ms == 0 ? kLongestChosenMs : cell.duration_ms;
  const double events = cell.rate * (cell.warmup_ms + window_ms) / 1e3;
  if (!cell.paced() || events <= kMaxEvents) return;
  complaints.push_back(
      {{"rate", "duration_ms", "warmup_ms"},
       fmt::format("found {} events a second for {} ms, so {:.0f} due times for each producer; "
                   "allowed: at most {:.0f}, so lower rate, warmup_ms or duration_ms",
                   cell.rate, cell.warmup_ms + window_ms, events, kMaxEvents)});
}

void check_options(const Row& row, const Cell& cell, Complaints& complaints) {
  const std::string refusal = row.refuse(cell.options);
  if (refusal.empty()) return;
  complaints.push_back(
      {{std::string(row.name), "transport"}, "the combination makes no sense: " + refusal});
}

}  // namespace

std::vector<Complaint> complaints_about(const Row& row, const Cell& cell) {
  Complaints complaints;
  check_cpus(cell, complaints);
  check_consumer(cell, complaints);
  check_bursts(cell, complaints);
  check_schedule(cell, complaints);
  check_options(row, cell, complaints);
  return complaints;
}

}  // namespace ringbench
