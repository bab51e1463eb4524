// An event on two rings that read the consumer's position differently, for tests/cli/
// test_disassembly.py to compare what the compiler made of them.
#include <cstdint>

#include "impls/ringbuf.hpp"

namespace {

template <class Producer>
bool emit(Producer& producer, std::uint64_t word) {
  auto reservation = producer.reserve(sizeof word);
  if (!reservation) return false;
  std::memcpy(reservation.data(), &word, sizeof word);
  reservation.commit();
  return true;
}

using ringbench::McsLock;
using ringbench::ringbuf::Departure;
using ringbench::ringbuf::Ring;

}  // namespace

extern "C" bool emit_after_acquire(Ring<McsLock>::Producer& producer, std::uint64_t word) {
  return emit(producer, word);
}
extern "C" bool emit_after_control(Ring<McsLock, Departure::control_position>::Producer& producer,
                                   std::uint64_t word) {
  return emit(producer, word);
}
extern "C" bool emit_after_release(Ring<McsLock, Departure::release_commit>::Producer& producer,
                                   std::uint64_t word) {
  return emit(producer, word);
}
