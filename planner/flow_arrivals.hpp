// The sources of a flow simulation: what comes to each ring, and when that changes.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "planner/flow.hpp"

namespace ringbench::planner {

class Arrivals {
 public:
  // `sources` and `ring_of_cpu` must outlive it.
  Arrivals(const FlowSources& sources, const std::vector<unsigned>& ring_of_cpu, unsigned rings,
           std::uint64_t seed);

  double next() const;  // time of the next change; infinity: never
  // Does what is due at `now`. Returns the rings whose rate that may have changed.
  const std::vector<unsigned>& change(double now);
  double rate(unsigned ring) const { return rates_[ring]; }
  double rate_of_first() const;        // of the first CPU
  unsigned on() const { return on_; }  // CPUs

 private:
  struct End {
    double time;
    unsigned cpu;
  };

  void play_bin();
  // Of a trace, counted from the start of the simulation.
  const std::vector<double>& played(std::uint64_t bin) const {
    return sources_.trace[(first_bin_ + bin) % sources_.trace.size()];
  }
  void begin_burst(double now);
  void hit(unsigned cpu, double now);
  void switch_cpu(unsigned cpu, bool on);
  double gap();

  const FlowSources& sources_;
  const std::vector<unsigned>& ring_of_cpu_;
  std::vector<double> rates_;
  std::vector<unsigned> changed_;
  unsigned on_ = 0;

  std::mt19937_64 random_;
  double next_burst_;
  std::vector<unsigned> deck_;            // all CPUs, shuffled as far as the last burst was wide
  std::vector<double> until_;             // of each CPU; 0: it is off
  std::deque<End> ends_;                  // ascending, for all bursts are equally long
  std::vector<unsigned> off_in_, on_in_;  // CPUs of each ring
  std::uint64_t first_bin_ = 0;           // of a trace, that is played first
  std::uint64_t bin_ = 0;                 // of a trace, that is played next, counted from then
};

}  // namespace ringbench::planner
