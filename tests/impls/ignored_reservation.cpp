// A caller of reserve(): compiles, and with RINGBENCH_IGNORE_RESERVATION must not.
#include <cstddef>
#include <cstdint>

#include "impls/transport.hpp"

namespace ringbench {

struct AnyProducer {
  Reservation<AnyProducer> reserve(std::uint32_t size);
  void commit(std::byte* payload, std::uint32_t size);
  void discard(std::byte* payload, std::uint32_t size);
  Tally tally;
};

template <SplitProducer Producer>
void call_reserve(Producer& producer) {
#ifdef RINGBENCH_IGNORE_RESERVATION
  producer.reserve(8);
#else
  static_cast<void>(static_cast<bool>(producer.reserve(8)));
#endif
}

// Never called: the body is compiled, and what it calls need not exist.
template void call_reserve<AnyProducer>(AnyProducer&);

}  // namespace ringbench
