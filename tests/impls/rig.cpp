#include "tests/impls/rig.hpp"

#include <poll.h>

#include <string>
#include <utility>

namespace ringbench::conformance {
namespace {

Geometry listening(Geometry geometry, bool waits) {
  geometry.waits = waits;
  return geometry;
}

}  // namespace

std::vector<Payload> Inbox::records(std::size_t first) const {
  std::vector<Payload> found;
  for (std::size_t i = first; i < items.size(); ++i) {
    if (items[i].lost == 0) found.push_back(items[i].payload);
  }
  return found;
}

std::uint64_t Inbox::lost_in_all() const {
  std::uint64_t sum = 0;
  for (const auto& item : items) sum += item.lost;
  return sum;
}

Rig::Rig(const Row& row, const Options& options, std::size_t ring_bytes, unsigned producers,
         bool waits)
    : Rig(listening(geometry_for(row, ring_bytes, producers), waits), row, options) {}

Rig::Rig(const Geometry& wanted, const Row& row, const Options& options)
    : geometry(wanted), subject(make_subject(row, geometry, options)) {
  for (unsigned p = 0; p < geometry.ring_of.size(); ++p) writers.push_back(subject->writer(p));
  sequence_.resize(writers.size());
}

std::optional<Payload> Rig::emit(unsigned producer, std::uint32_t size) {
  const auto sequence = sequence_[producer]++;
  const bool granted = writers[producer]->output(size, [&](std::span<std::byte> payload) {
    fill(payload, producer, sequence);
    return true;
  });
  if (!granted) return std::nullopt;
  return make_payload(size, producer, sequence);
}

std::vector<Payload> Rig::emit(unsigned producer, std::uint32_t size, std::size_t count) {
  std::vector<Payload> sent;
  for (std::size_t i = 0; i < count; ++i) {
    if (auto payload = emit(producer, size)) sent.push_back(std::move(*payload));
  }
  return sent;
}

std::size_t Rig::emit_until_refused(unsigned producer, std::uint32_t size, std::size_t limit) {
  std::size_t granted = 0;
  while (granted < limit && emit(producer, size)) ++granted;
  return granted;
}

std::vector<Payload> Rig::drain() {
  const auto before = inbox.items.size();
  bool more = true;
  while (more) {
    more = false;
    for (unsigned ring = 0; ring < geometry.rings; ++ring) more = consume(ring) != 0 || more;
  }
  return inbox.records(before);
}

std::uint64_t Rig::notifications() const {
  std::uint64_t sum = 0;
  for (const auto& writer : writers) sum += writer->tally().notifications;
  return sum;
}

bool Rig::rang(unsigned ring) const {
  pollfd watched{subject->wait_fd(ring), POLLIN, 0};
  return poll(&watched, 1, 0) == 1 && (watched.revents & POLLIN) != 0;
}

testing::AssertionResult arrived(const std::vector<Payload>& delivered,
                                 const std::vector<Payload>& sent) {
  if (delivered.size() != sent.size()) {
    return testing::AssertionFailure()
           << delivered.size() << " records were delivered, not " << sent.size();
  }
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (delivered[i] != sent[i]) {
      return testing::AssertionFailure() << "record " << i << " of " << sent[i].size()
                                         << " bytes arrived as another, of " << delivered[i].size();
    }
  }
  return testing::AssertionSuccess();
}

std::uint32_t largest_payload(const Variant& variant, std::size_t ring_bytes) {
  Rig rig(*variant.row, variant.options, ring_bytes);
  auto size = static_cast<std::uint32_t>(ring_bytes);
  while (!rig.reserve(0, size)->granted()) --size;
  return size;
}

}  // namespace ringbench::conformance
