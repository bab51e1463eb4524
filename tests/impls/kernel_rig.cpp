#include "tests/impls/kernel_rig.hpp"

#include <sched.h>

#include <algorithm>
#include <system_error>

namespace ringbench::conformance {
namespace {

std::vector<unsigned> cpus_of_this_thread() {
  cpu_set_t set{};
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
  }
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void move_this_thread(const std::vector<unsigned>& cpus) {
  cpu_set_t set{};
  for (const auto cpu : cpus) CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_setaffinity");
  }
}

// In front of the payload: a BPF ring buffer's header; perf's, and the size of the raw sample.
std::size_t overhead_of(const Variant& variant) {
  return variant.row->name == "kernel_perfbuf" ? 12 : 8;
}

}  // namespace

const std::vector<unsigned>& allowed_cpus() {
  static const auto cpus = cpus_of_this_thread();
  return cpus;
}

Pinned::Pinned(unsigned cpu) : before_(cpus_of_this_thread()) {
  move_this_thread({cpu});
}
Pinned::~Pinned() {
  move_this_thread(before_);
}

Geometry geometry_of(const Variant& variant, const Shape& shape) {
  auto geometry = geometry_for(*variant.row, shape.ring_bytes, shape.producers);
  for (unsigned p = 0; p < shape.producers; ++p) {
    geometry.cpus.push_back(allowed_cpus()[p % allowed_cpus().size()]);
  }
  geometry.events = {.size = shape.size, .stamps = shape.stamps, .line = shape.line};
  return geometry;
}

std::string why_not(const Variant& variant, const Shape& shape, bool bounded_drain) {
  if (auto why = variant.row->unavailable(); !why.empty()) return why;
  return variant.row->unfit(variant.options,
                            {.record_size = shape.size, .bounded_drain = bounded_drain});
}

std::size_t record_bytes(const Variant& variant, std::uint32_t size) {
  return (overhead_of(variant) + size + 7) / 8 * 8;
}

std::uint32_t largest_payload_of(const Variant& variant, std::size_t ring_bytes) {
  return static_cast<std::uint32_t>(ring_bytes - 8 - overhead_of(variant));
}

void Reader::record(std::span<const std::byte> payload) {
  ASSERT_EQ(payload.size(), shape_.size);
  const auto event = read_payload(payload, shape_.stamps);
  ASSERT_TRUE(event) << "record " << arrivals.size() << " is not as it was written";
  ASSERT_LT(event->producer, shape_.producers);
  arrivals.push_back({*event, 0});
}

std::vector<std::uint64_t> Reader::sequences(unsigned producer) const {
  std::vector<std::uint64_t> found;
  for (const auto& [event, count] : arrivals) {
    if (count == 0 && event.producer == producer) found.push_back(event.sequence);
  }
  return found;
}

std::uint64_t Reader::lost_in_all() const {
  std::uint64_t sum = 0;
  for (const auto& arrival : arrivals) sum += arrival.lost;
  return sum;
}

std::size_t Reader::records() const {
  return static_cast<std::size_t>(std::ranges::count(arrivals, 0U, &Arrival::lost));
}

KernelRig::KernelRig(const Variant& variant, const Shape& shape)
    : geometry(geometry_of(variant, shape)),
      reader(shape),
      subject(make_emitted_subject(*variant.row, geometry, variant.options)),
      next_(shape.producers),
      sent_(shape.producers) {
  for (unsigned p = 0; p < shape.producers; ++p) emitters.push_back(subject->emitter(p));
}

void KernelRig::emit(unsigned producer, unsigned events) {
  const Pinned pinned(cpu(producer));
  while (events > 0) {
    const auto some = std::min(events, emitters[producer]->batch());
    call(producer, some);
    events -= some;
  }
}

void KernelRig::call(unsigned producer, unsigned events) {
  auto& emitter = *emitters[producer];
  const auto before = emitter.tally();
  ASSERT_EQ(emitter.emit(next_[producer], events), events);
  const auto words = emitter.refused();
  std::uint64_t refused = 0;
  for (unsigned i = 0; i < 64 * words.size(); ++i) {
    if ((words[i / 64] >> i % 64 & 1) == 0) continue;
    ASSERT_LT(i, events) << "an event was refused that nobody made";
    ++refused;
  }
  for (unsigned i = 0; i < events; ++i) {
    const bool dropped = i / 64 < words.size() && (words[i / 64] >> i % 64 & 1) != 0;
    if (!dropped) sent_[producer].push_back(next_[producer] + i);
  }
  next_[producer] += events;
  const auto tally = emitter.tally();
  ASSERT_EQ(refused, tally.dropped() - before.dropped());
  ASSERT_EQ(tally.committed - before.committed, events - refused);
  ASSERT_EQ(tally.discarded, 0U);
}

void KernelRig::emit_nothing(unsigned producer, unsigned events) {
  const Pinned pinned(cpu(producer));
  emitters[producer]->emit_nothing(next_[producer], events);
}

void KernelRig::drain() {
  std::size_t sent = 0;
  for (const auto& sequences : sent_) sent += sequences.size();
  for (bool more = true; more;) {
    more = false;
    ASSERT_LE(reader.records(), sent) << "records come again and again";
    for (unsigned ring = 0; ring < geometry.rings; ++ring) more = consume(ring) != 0 || more;
  }
}

void expect_all_arrived(KernelRig& rig) {
  rig.drain();
  std::uint64_t committed = 0;
  for (unsigned p = 0; p < rig.emitters.size(); ++p) {
    EXPECT_EQ(rig.emitters[p]->settle(), 0U);
    const auto tally = rig.emitters[p]->tally();
    EXPECT_EQ(tally.committed + tally.dropped(), rig.attempted(p));
    EXPECT_EQ(rig.reader.sequences(p), rig.sent(p)) << "producer " << p;
    committed += tally.committed;
  }
  EXPECT_EQ(rig.reader.records(), committed);
  EXPECT_EQ(rig.subject->overwritten(), 0U);
  EXPECT_EQ(rig.subject->audit(), "");
  for (unsigned ring = 0; ring < rig.geometry.rings; ++ring) {
    EXPECT_EQ(rig.subject->occupancy(ring), 0U);
  }
}

}  // namespace ringbench::conformance
