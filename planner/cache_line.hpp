// A cache line that CPUs pass round, and what an access to it takes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "planner/latency.hpp"

namespace ringbench::planner {

// One CPU has written it last; others may have copies of what it wrote. Accesses that move it are
// served one after the other, in the order in which they were asked for.
struct CacheLine {
  double free_at = 0;
  std::uint32_t owner = 0;    // who wrote it last
  std::uint32_t reader = 0;   // who took the latest copy since; the owner itself: nobody did
  std::uint32_t version = 1;  // of what is written there: a copy of another version is worthless
};

// All accesses of one simulation, counted.
class CacheLines {
 public:
  explicit CacheLines(const Latencies& latencies) : latencies_(&latencies) {}

  // When the access of `cpu`, asked for at `time`, is done. `copy`: the version of the line that
  // the CPU has, 0 for none.
  double read(CacheLine& line, std::uint32_t cpu, std::uint32_t& copy, double time) {
    ++accesses_;
    if (copy == line.version) return time;
    copy = line.version;
    if (line.owner == cpu) return time;
    const double done = move(line, line.owner, cpu, time);
    line.reader = cpu;
    return done;
  }
  double write(CacheLine& line, std::uint32_t cpu, std::uint32_t& copy, double time) {
    ++accesses_;
    if (line.owner == cpu && line.reader == cpu) {
      copy = line.version;
      return time;
    }
    const double done = move(line, line.owner != cpu ? line.owner : line.reader, cpu, time);
    line.owner = line.reader = cpu;
    copy = ++line.version;
    return done;
  }

  // A line that was fetched before it was asked for, as those are that follow one another in
  // memory.
  double read_ahead(const CacheLine& line, std::uint32_t& copy, double time) {
    ++accesses_;
    copy = line.version;
    return time;
  }
  double write_ahead(CacheLine& line, std::uint32_t cpu, std::uint32_t& copy, double time) {
    ++accesses_;
    line.free_at = std::max(line.free_at, time);
    line.owner = line.reader = cpu;
    copy = ++line.version;
    return time;
  }

  std::uint64_t accesses() const { return accesses_; }
  std::uint64_t moves() const { return moves_; }

 private:
  double move(CacheLine& line, std::uint32_t from, std::uint32_t to, double time) {
    ++moves_;
    line.free_at = std::max(time, line.free_at) + (*latencies_)(from, to);
    return line.free_at;
  }

  const Latencies* latencies_;
  std::uint64_t accesses_ = 0;
  std::uint64_t moves_ = 0;
};

}  // namespace ringbench::planner
