// A buffer as a plain queue: what a property test expects of each kind of ring, to the byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impls/transport.hpp"

namespace ringbench::conformance {

using RecordId = std::uint32_t;

// A record, or how many were lost.
struct Expected {
  RecordId id = 0;
  std::uint64_t lost = 0;
};

class Model {
 public:
  Model(std::size_t bytes, const Options& options)
      : mask(bytes - 1),
        overwrites(options.at("overwrite") == "on"),
        notify_(options.at("notify")),
        every_(std::stoull(options.at("notify_every"))) {}
  virtual ~Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // The cause of the refusal, or nothing: then the record is open.
  virtual std::optional<Drop> reserve(RecordId id, std::uint32_t size) = 0;
  // Commits or discards. Says whether the consumer is notified.
  virtual bool finish(RecordId id, unsigned producer, bool commit) = 0;
  virtual std::vector<Expected> consume(std::size_t budget) = 0;
  virtual std::size_t occupancy() const = 0;
  virtual bool ready_to_wait() = 0;
  virtual std::size_t max_open() const = 0;  // reservations that one thread may have open at once

  std::uint64_t overwritten() const { return committed_ - delivered_; }  // after a drain

 protected:
  // `native`: what the ring's own rule says.
  bool notified(unsigned producer, bool native) {
    if (notify_ == "always") return true;
    if (notify_ == "never") return false;
    if (notify_ == "sampled") return ++finished_[producer] % every_ == 0;
    return native;
  }
  bool notifies_always() const { return notify_ == "always"; }

  const std::uint64_t mask;
  const bool overwrites;
  std::uint64_t committed_ = 0;
  std::uint64_t delivered_ = 0;

 private:
  std::string notify_;
  std::uint64_t every_;
  std::map<unsigned, std::uint64_t> finished_;
};

}  // namespace ringbench::conformance
