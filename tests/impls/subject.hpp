// One variant of one transport behind virtual calls: a test is written and compiled once, and runs
// on every transport of the list. The cost of the calls is of no matter here; nothing is timed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "impls/transport.hpp"

namespace ringbench::conformance {

// Models Sink.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void record(std::span<const std::byte> payload) = 0;
  virtual void lost(std::uint64_t count) = 0;
};

// A Reservation, granted or refused; discarded when it goes out of scope.
class OpenRecord {
 public:
  virtual ~OpenRecord() = default;
  virtual bool granted() const = 0;
  virtual Drop cause() const = 0;
  virtual std::span<std::byte> payload() const = 0;
  virtual void commit() = 0;
  virtual void discard() = 0;
};

// Writes a record's payload and says whether to commit it.
using Fill = std::function<bool(std::span<std::byte>)>;

// One producer's handle.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual std::unique_ptr<OpenRecord> reserve(std::uint32_t size) = 0;
  // The same in one call and without an allocation: for threads that race. False: refused.
  virtual bool output(std::uint32_t size, const Fill& fill) = 0;
  virtual Tally tally() const = 0;
};

// One producer's handle where the transport makes its events itself.
class Emitter {
 public:
  virtual ~Emitter() = default;
  virtual unsigned batch() const = 0;
  virtual std::uint64_t emit(std::uint64_t sequence, unsigned events) = 0;
  virtual void emit_nothing(std::uint64_t sequence, unsigned events) = 0;
  virtual std::span<const std::uint64_t> refused() const = 0;
  virtual std::uint64_t settle() = 0;
  virtual Tally tally() const = 0;
};

// The consumer's side.
class Buffers {
 public:
  virtual ~Buffers() = default;
  virtual std::size_t consume(unsigned ring, Receiver& receiver, std::size_t budget) = 0;
  virtual std::size_t occupancy(unsigned ring) const = 0;
  virtual std::uint64_t overwritten() const = 0;
  virtual std::size_t footprint() const = 0;
  virtual std::string describe() const = 0;
  // Meaningful only where waitable() is true.
  virtual bool waitable() const = 0;
  virtual int wait_fd(unsigned ring) = 0;
  virtual bool ready_to_wait(unsigned ring) = 0;
};

class Subject : public Buffers {
 public:
  virtual std::unique_ptr<Writer> writer(unsigned producer) = 0;
};

class EmittedSubject : public Buffers {
 public:
  virtual std::unique_ptr<Emitter> emitter(unsigned producer) = 0;
  virtual std::string audit() const = 0;
  virtual MappedMemory mapped() const = 0;  // nothing where it is not KernelMapped
};

// Whether threads write its records (SplitProducer): the others make theirs themselves.
bool is_written_by_threads(const Row& row);

// The row's transport must be written by threads.
std::unique_ptr<Subject> make_subject(const Row& row, const Geometry& geometry,
                                      const Options& options);

// The row's transport must make its events itself.
std::unique_ptr<EmittedSubject> make_emitted_subject(const Row& row, const Geometry& geometry,
                                                     const Options& options);

}  // namespace ringbench::conformance
