// One point of the matrix, with every parameter resolved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
  std::string ring_memory = "consumer_node";
  bool oversubscribe = false;

  std::uint64_t bytes = 1 << 20;
  std::string bytes_are = "total";
  std::uint64_t record_size = 64;

  std::string arrival = "saturate";
  double rate = 100'000;
  double burst_on_us = 2'000;
  double burst_every_us = 20'000;
  std::uint64_t burst_width = 1;

  std::uint64_t sample_every = 128;
  bool stamps = true;
  double warmup_ms = 20;
  double duration_ms = 100;

  bool paced() const { return arrival != "saturate"; }
  bool bursty() const { return arrival == "bursty"; }
};

// Payloads that the harness sends, in bytes: room to say whose record it is and which, and what a
// perf record's 16-bit size field can carry.
inline constexpr std::uint64_t kMinRecordSize = 8;
inline constexpr std::uint64_t kMaxRecordSize = 65'000;

// Due times of one producer in one trial: 8 bytes each, so below 512 MiB.
inline constexpr double kMaxEvents = 1 << 26;

// As many as the shortest record can tell apart.
inline constexpr unsigned kMaxProducers = 1024;

}  // namespace ringbench
