#include "tests/impls/subject.hpp"

#include <stdexcept>

#include "generated/transports.hpp"

namespace ringbench::conformance {
namespace {

static_assert(Sink<Receiver&>);

template <class Producer>
class HeldReservation final : public OpenRecord {
 public:
  HeldReservation(Producer& producer, std::uint32_t size) : reservation_(producer.reserve(size)) {}
  bool granted() const override { return static_cast<bool>(reservation_); }
  Drop cause() const override { return reservation_.cause(); }
  std::span<std::byte> payload() const override { return reservation_.payload(); }
  void commit() override { reservation_.commit(); }
  void discard() override { reservation_.discard(); }

 private:
  Reservation<Producer> reservation_;
};

template <class T>
class TransportWriter final : public Writer {
 public:
  TransportWriter(T& transport, unsigned index) : producer_(transport.producer(index)) {}

  std::unique_ptr<OpenRecord> reserve(std::uint32_t size) override {
    return std::make_unique<HeldReservation<typename T::Producer>>(producer_, size);
  }
  bool output(std::uint32_t size, const Fill& fill) override {
    auto reservation = producer_.reserve(size);
    if (!reservation) return false;
    if (fill(reservation.payload())) reservation.commit();
    return true;
  }
  Tally tally() const override { return producer_.tally; }

 private:
  typename T::Producer producer_;
};

template <class T>
class TransportEmitter final : public Emitter {
 public:
  TransportEmitter(T& transport, unsigned index) : producer_(transport.producer(index)) {}

  unsigned batch() const override { return producer_.batch(); }
  std::uint64_t emit(std::uint64_t sequence, unsigned events) override {
    return producer_.emit(sequence, events);
  }
  void emit_nothing(std::uint64_t sequence, unsigned events) override {
    producer_.emit_nothing(sequence, events);
  }
  std::span<const std::uint64_t> refused() const override { return producer_.refused(); }
  std::uint64_t settle() override { return producer_.settle(); }
  Tally tally() const override { return producer_.tally; }

 private:
  typename T::Producer producer_;
};

// `Face`: Subject or EmittedSubject.
template <Transport T, class Face>
class OverTransport : public Face {
 public:
  OverTransport(const Geometry& geometry, const Options& options) : transport_(geometry, options) {}

  std::size_t consume(unsigned ring, Receiver& receiver, std::size_t budget) override {
    return transport_.consume(ring, receiver, budget);
  }
  std::size_t occupancy(unsigned ring) const override { return transport_.occupancy(ring); }
  std::uint64_t overwritten() const override { return transport_.overwritten(); }
  std::size_t footprint() const override { return transport_.footprint(); }
  std::string describe() const override { return transport_.describe(); }

  bool waitable() const override { return Waitable<T>; }
  int wait_fd([[maybe_unused]] unsigned ring) override {
    if constexpr (Waitable<T>) return transport_.wait_fd(ring);
    return -1;
  }
  bool ready_to_wait([[maybe_unused]] unsigned ring) override {
    if constexpr (Waitable<T>) return transport_.ready_to_wait(ring);
    return false;
  }

 protected:
  T transport_;
};

template <Transport T>
class WrittenTransport final : public OverTransport<T, Subject> {
 public:
  using OverTransport<T, Subject>::OverTransport;
  std::unique_ptr<Writer> writer(unsigned producer) override {
    return std::make_unique<TransportWriter<T>>(this->transport_, producer);
  }
};

template <Transport T>
class EmittedTransport final : public OverTransport<T, EmittedSubject> {
 public:
  using OverTransport<T, EmittedSubject>::OverTransport;
  std::unique_ptr<Emitter> emitter(unsigned producer) override {
    return std::make_unique<TransportEmitter<T>>(this->transport_, producer);
  }
  std::string audit() const override {
    if constexpr (Audited<T>) return this->transport_.audit();
    return {};
  }
  MappedMemory mapped() const override {
    if constexpr (KernelMapped<T>) return this->transport_.mapped();
    return {};
  }
};

struct Build {
  const Geometry& geometry;
  const Options& options;

  template <class T>
  std::unique_ptr<Subject> operator()() const {
    if constexpr (SplitProducer<typename T::Producer>) {
      return std::make_unique<WrittenTransport<T>>(geometry, options);
    } else {
      throw std::logic_error("its producers are no threads of ours");
    }
  }
};

struct BuildEmitted {
  const Geometry& geometry;
  const Options& options;

  template <class T>
  std::unique_ptr<EmittedSubject> operator()() const {
    if constexpr (WholeProducer<typename T::Producer>) {
      return std::make_unique<EmittedTransport<T>>(geometry, options);
    } else {
      throw std::logic_error("its events are made by threads of ours");
    }
  }
};

struct AskWhoWrites {
  template <class T>
  bool operator()() const {
    return SplitProducer<typename T::Producer>;
  }
};

}  // namespace

bool is_written_by_threads(const Row& row) {
  Options options;
  for (const auto& spec : row.options) options[std::string(spec.key)] = spec.fallback;
#define TRANSPORT(stem) \
  if (&row == &stem::row) return stem::with_variant(options, AskWhoWrites{});
#include "impls/transports.def"
#undef TRANSPORT
  throw std::logic_error("no transport in transports.def is called " + std::string(row.name));
}

std::unique_ptr<Subject> make_subject(const Row& row, const Geometry& geometry,
                                      const Options& options) {
#define TRANSPORT(stem) \
  if (&row == &stem::row) return stem::with_variant(options, Build{geometry, options});
#include "impls/transports.def"
#undef TRANSPORT
  throw std::logic_error("no transport in transports.def is called " + std::string(row.name));
}

std::unique_ptr<EmittedSubject> make_emitted_subject(const Row& row, const Geometry& geometry,
                                                     const Options& options) {
#define TRANSPORT(stem) \
  if (&row == &stem::row) return stem::with_variant(options, BuildEmitted{geometry, options});
#include "impls/transports.def"
#undef TRANSPORT
  throw std::logic_error("no transport in transports.def is called " + std::string(row.name));
}

}  // namespace ringbench::conformance
