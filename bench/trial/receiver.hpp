// The sink of a trial: verifies every record, keeps count by producer, and logs what the order and
// delay metrics are made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/trial/chain_order.hpp"
#include "bench/trial/delivery_log.hpp"
#include "bench/trial/downstream_stage.hpp"
#include "bench/trial/histogram.hpp"
#include "bench/trial/record_sizes.hpp"
#include "impls/payload.hpp"

namespace ringbench {

class Receiver {
 public:
  struct Source {
    std::uint64_t consumed = 0;
    std::uint64_t left = 0;      // read only to be counted, after the consumer had to stop
    std::uint64_t missing = 0;   // attempts that the sequence numbers skip
    std::uint64_t expected = 0;  // next sequence number, in full
    std::uint64_t stamp = 0;     // of its last record, as the record carried it
    std::uint64_t place = 0;     // of its last record among those of its ring, from 1; 0: none yet
    unsigned ring = 0;
  };

  // `room`: for deliveries that can be logged; later ones are only counted. Touches the memory
  // here. `stage`: what each record passes after its service; may be missing. `chained`: records
  // are links of chains.
  Receiver(std::uint64_t producers, RecordSizes sizes, bool stamps, std::uint64_t service_ticks,
           LogRoom room, DownstreamStage* stage = nullptr, bool chained = false);

  // Records carry a counter that all producers share.
  void expect_counters() { counted_ = true; }
  // Which ring each producer writes to; otherwise all write to one.
  void tell_rings(const std::vector<unsigned>& ring_of);

  void record(std::span<const std::byte> payload);  // Sink
  void lost(std::uint64_t count) { lost_marked_ += count; }

  // From now on records are what was left in the buffer: verified, counted as left, not served.
  void count_as_left() { counting_left_ = true; }

  std::uint64_t received() const { return received_; }  // records so far, left ones too
  std::uint64_t lost_marked() const { return lost_marked_; }
  const std::vector<Source>& sources() const { return sources_; }
  std::span<Delivery> log() { return log_.entries(); }
  const std::vector<DeliveredLink>& links() const { return links_; }
  // For each gap in a producer's sequence: records of the same ring delivered between the two that
  // enclose it, which is how far off its place may be.
  const Histogram& gap_place() const { return gap_place_; }
  bool stamps() const { return stamps_; }
  std::uint64_t unlogged() const { return log_.omitted(); }
  // What was wrong with the first record that was not as written; empty: all were right.
  const std::string& violation() const { return violation_; }
  // What a logged stamp can be wrong by at most, in ticks.
  std::uint64_t worst_stamp_error() const { return stamp_error(sizes_.smallest()); }

 private:
  bool is_expected(const Event& event, std::size_t size) const;
  void serve(const Event& event, std::size_t size);
  void verify_sequence(const Event& event, std::size_t size);
  bool is_step_back(const Source& source, const Event& event, std::size_t size,
                    std::uint64_t skipped) const;

  RecordSizes sizes_;
  bool stamps_;
  std::uint64_t service_ticks_;
  DownstreamStage* stage_;
  bool chained_;
  bool counted_ = false;
  std::vector<Source> sources_;
  std::vector<std::uint64_t> delivered_;  // of each ring
  Histogram gap_place_;
  std::vector<DeliveredLink> links_;
  DeliveryLog log_;
  std::uint64_t received_ = 0;
  std::uint64_t lost_marked_ = 0;
  bool counting_left_ = false;
  std::string violation_;
};

}  // namespace ringbench
