#include "bench/calibration/calibrated_ring.hpp"

#include "bench/config/options.hpp"

namespace ringbench::calibration {

Ring make_ring(std::size_t bytes, bool listening) {
  Options options;
  resolve_options(ringbuf::row, options);
  Geometry geometry;
  geometry.ring_bytes = bytes;
  geometry.ring_of = {0, 0};
  geometry.waits = listening;
  return Ring(geometry, options);
}

}  // namespace ringbench::calibration
