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

template <Transport T>
class TransportSubject final : public Subject {
 public:
  TransportSubject(const Geometry& geometry, const Options& options)
      : transport_(geometry, options) {}

  std::unique_ptr<Writer> writer(unsigned producer) override {
    return std::make_unique<TransportWriter<T>>(transport_, producer);
  }
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

 private:
  T transport_;
};

struct Build {
  const Geometry& geometry;
  const Options& options;

  template <class T>
  std::unique_ptr<Subject> operator()() const {
    if constexpr (SplitProducer<typename T::Producer>) {
      return std::make_unique<TransportSubject<T>>(geometry, options);
    } else {
      throw std::logic_error("its producers are no threads of ours");
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

}  // namespace ringbench::conformance
