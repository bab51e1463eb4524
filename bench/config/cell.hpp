// One point of the matrix, with every parameter resolved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/config/from_file.hpp"
#include "bench/config/size_list.hpp"
#include "bench/config/trace.hpp"
#include "impls/record_limits.hpp"
#include "impls/transport.hpp"

namespace ringbench {

// The meaning, unit, range and default of each member stand in the parameter table
// (bench/config/parameters.cpp), which reads configs, names cells and fills the store. Choices are
// kept as the words of the config: they are looked at once a trial, never per event.
struct Cell {
  std::string transport;
  Options options;  // the transport's own parameters, complete

  std::uint64_t producers = 1;
  std::string placement = "compact";
  std::vector<unsigned> cpus;
  std::string consumer = "own_core_same_node";
  std::string consumers = "one";
  std::string poll = "busy";
  std::uint64_t budget = 0;
  std::uint64_t service_ns = 0;
  std::uint64_t downstream_ns = 0;
  double stall_ms = 0;
  double stall_every_ms = 100;
  std::string merge = "off";
  std::string merge_by = "stamp";
  double merge_wait_us = 100;
  std::string ring_memory = "consumer_node";
  bool oversubscribe = false;
  double interrupt_every_us = 0;

  std::uint64_t bytes = 1 << 20;
  std::string bytes_are = "total";
  std::uint64_t record_size = 64;
  std::string sizes = "fixed";
  std::uint64_t record_size_max = 1024;
  double size_sigma = 0.5;
  FromFile<SizeList> size_list;

  std::string arrival = "saturate";
  double rate = 100'000;
  double burst_on_us = 2'000;
  double burst_every_us = 20'000;
  std::uint64_t burst_width = 1;
  std::uint64_t chain_length = 3;
  double chain_gap_us = 0;
  double race_window_ns = 100;
  double race_every_ns = 2'000;
  std::string probe = "off";
  FromFile<Trace> trace;
  std::string skew = "even";
  double skew_exponent = 1;
  double hot_share = 0.8;
  double hot_every_ms = 10;

  std::string fill = "in_place";
  std::uint64_t abandon_every = 0;
  double hold_us = 0;
  double hold_every_ms = 100;

  std::uint64_t sample_every = 128;
  bool stamps = true;
  bool counter = false;
  double warmup_ms = 20;
  double duration_ms = 100;

  bool saturated() const { return arrival == "saturate"; }
  bool races() const { return arrival == "race"; }         // its events are where its updates are
  bool chains() const { return arrival == "chain"; }       // only the first of a chain is due
  bool paced() const { return !saturated() && !races(); }  // events have due times
  bool bursty() const { return arrival == "bursty"; }
  bool merges() const { return merge != "off"; }
  bool merges_by_counter() const { return merges() && merge_by == "counter"; }
  bool traced() const { return arrival == "trace"; }
  bool sizes_traced() const { return traced() && trace && trace->has_sizes; }
};

// Due times of one producer in one trial: 8 bytes each, so below 512 MiB.
inline constexpr double kMaxEvents = 1 << 26;

}  // namespace ringbench
