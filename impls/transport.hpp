// The contract between a transport and the harness.
//
// A transport is one way to carry records from producers to a consumer. It is a header
// impls/NAME.hpp and a line TRANSPORT(NAME) in impls/transports.def. The header defines, in
// namespace ringbench::NAME:
//
//     inline constexpr Row row;                  what it is called, what it takes, how to read it
//     template <class Visitor>                   picks the instantiation that the options ask for,
//     decltype(auto) with_variant(const Options&, Visitor&&);   once a trial
//
// with_variant calls `visitor.template operator()<T>()` with a class T that models Transport below.
// A transport allocates and moves records; it never pins a thread, reads a clock or prints.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringbench {

// Why a reserve was refused. no_space: the buffer was full. lock_busy: a lock that may only be
// tried was held. too_big: the record can never fit. recursion: the producer was already inside a
// reserve.
enum class Drop : std::uint8_t { no_space, lock_busy, too_big, recursion };
inline constexpr std::array<std::string_view, 4> kDropNames{"no_space", "lock_busy", "too_big",
                                                            "recursion"};

// What one producer did, counted by the transport. Written by the owning thread alone.
struct Tally {
  std::uint64_t committed = 0;
  std::uint64_t discarded = 0;
  std::array<std::uint64_t, kDropNames.size()> drops{};
  std::uint64_t notifications = 0;  // wake-ups sent to the consumer

  std::uint64_t dropped() const {
    std::uint64_t sum = 0;
    for (const auto n : drops) sum += n;
    return sum;
  }
  Tally& operator+=(const Tally& other) {
    committed += other.committed;
    discarded += other.discarded;
    for (std::size_t cause = 0; cause < drops.size(); ++cause) drops[cause] += other.drops[cause];
    notifications += other.notifications;
    return *this;
  }
  friend Tally operator+(Tally a, const Tally& b) { return a += b; }
  friend bool operator==(const Tally&, const Tally&) = default;
};

// What the consumer is given: whole records in delivery order, and losses that the buffer itself
// marks at the place where they happened (perf's PERF_RECORD_LOST).
template <class S>
concept Sink = requires(S sink, std::span<const std::byte> payload, std::uint64_t count) {
  sink.record(payload);
  sink.lost(count);
};

// The result of a reserve: memory for one record, or the cause of its refusal. A reservation that
// goes out of scope without commit() is discarded, so it cannot leak and block the ring.
template <class Producer>
class [[nodiscard("a refused reserve is a drop that must be seen")]] Reservation {
 public:
  Reservation(Producer & producer, std::byte * payload, std::uint32_t size)
      : producer_(&producer), payload_(payload), size_(size) {}
  Reservation(Producer & producer, Drop cause) : producer_(&producer), cause_(cause) {
    ++producer.tally.drops[static_cast<std::size_t>(cause)];
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() {
    if (payload_ != nullptr) discard();
  }

  explicit operator bool() const {
    return payload_ != nullptr;
  }
  Drop cause() const {
    return cause_;
  }  // meaningful only when refused
  std::byte* data() const {
    return payload_;
  }
  std::span<std::byte> payload() const {
    return {payload_, size_};
  }

  void commit() {
    ++producer_->tally.committed;
    producer_->commit(std::exchange(payload_, nullptr), size_);
  }
  void discard() {
    ++producer_->tally.discarded;
    producer_->discard(std::exchange(payload_, nullptr), size_);
  }

 private:
  Producer* producer_;
  std::byte* payload_ = nullptr;
  std::uint32_t size_ = 0;
  Drop cause_ = Drop::no_space;
};

// A handle through which one thread produces; made by that thread, after it is pinned.
// reserve(size): size in bytes of payload; never blocks for the consumer.
template <class P>
concept SplitProducer = requires(P producer, std::uint32_t size, std::byte* payload) {
  { producer.reserve(size) } -> std::same_as<Reservation<P>>;
  producer.commit(payload, size);
  producer.discard(payload, size);
  { producer.tally } -> std::same_as<Tally&>;
};

// A handle through which one thread has events made where it cannot touch them itself, some at a
// call: the kernel's own buffers, whose producers are BPF programs. Made by that thread, after it
// is pinned. Its records carry what impls/payload.hpp says.
//
// emit(sequence, n): attempts n events, at most batch(), numbered from `sequence`; returns how many
// attempts stand to this producer's account since the last call, which are more or fewer than n
// only where others act for it. emit_nothing(sequence, n): the same call with an empty body, so
// that the cost of the call can be told from that of the events. refused(): bit i of word i / 64 is
// set if event i of the last emit() was refused. is_timed(): false where a call is more than its
// events, so that its length says nothing of them. settle(): after the last emit() of the trial;
// what is still under way ends in it, and it returns what emit() would.
template <class P>
concept WholeProducer = requires(P producer, const P& view, std::uint64_t sequence, unsigned n) {
  { view.batch() } -> std::same_as<unsigned>;
  { view.is_timed() } -> std::same_as<bool>;
  { producer.emit(sequence, n) } -> std::same_as<std::uint64_t>;
  producer.emit_nothing(sequence, n);
  { view.refused() } -> std::same_as<std::span<const std::uint64_t>>;
  { producer.settle() } -> std::same_as<std::uint64_t>;
  { producer.tally } -> std::same_as<Tally&>;
};

// From nanoseconds of CLOCK_MONOTONIC, which is what a BPF program can read (bpf_ktime_get_ns), to
// ticks of the clock that the harness stamps with: base_ticks + (ns - base_ns) * ticks_per_ns.
struct StampLine {
  std::uint64_t base_ns = 0;
  std::uint64_t base_ticks = 0;
  double ticks_per_ns = 1;
};

// The events of a trial, for a transport that makes them itself.
struct EventShape {
  std::uint32_t size = 0;  // of each payload
  bool stamps = false;
  StampLine line;
};

// What a cell asks of a transport beyond its options.
struct Demands {
  std::size_t ring_bytes = 0;     // data of each ring
  std::uint32_t record_size = 0;  // of each payload, unless sizes are mixed
  bool mixed_sizes = false;
  bool bounded_drain = false;       // consume() with a budget
  bool reads_after_window = false;  // nobody consumes while producers produce
  bool paced = false;
  bool chains = false;          // each event of a chain is made by another producer than the last
  bool races = false;           // events stand between other things that a producer does
  bool oversubscribed = false;  // two producers may share a CPU
  bool interleaved = false;     // pages of one ring over several NUMA nodes
};

// Called with a ring's index and its data and position pages, mapped and not yet touched.
using BindPages = std::function<void(unsigned ring, std::span<std::byte> pages)>;

struct Geometry {
  std::size_t ring_bytes = 0;     // data bytes of each ring: the total is ring_bytes * rings
  unsigned rings = 1;             // buffers that the consumer reads
  std::vector<unsigned> ring_of;  // ring_of[p]: the ring that producer p writes to
  BindPages bind;                 // where the harness wants the pages; may be empty
  std::vector<unsigned> cpus{};   // of each producer: OS indices
  // The NUMA nodes of each ring's pages, for a transport whose pages the kernel allocates; empty:
  // any.
  std::vector<std::vector<unsigned>> nodes{};
  EventShape events{};
  bool waits = false;  // a consumer will sleep on wait_fd(): make doorbells
};

// Option values by key: complete (every OptionSpec of the row has a value) and already validated.
using Options = std::map<std::string, std::string, std::less<>>;

// An option counts only while another option of its transport, if there is one of that name, has
// one of these values.
struct Condition {
  std::string_view option;
  std::array<std::string_view, 3> values;
};

struct OptionSpec {
  std::string_view key;
  std::string_view summary;
  std::string_view fallback;
  std::span<const std::string_view> allowed{};  // empty: an integer in [min, max]
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::array<Condition, 2> when{};  // all must hold; one without a name always does
  std::string_view idle{};          // the value while they do not; empty: the fallback
  // At its fallback it is no part of a cell's id: a cell of a store from before there was this
  // option is still the same cell.
  bool silent_at_fallback = false;
};

const std::string& option(const Options& options, const OptionSpec& spec);
std::uint64_t number(const Options& options, const OptionSpec& spec);
// For a part that rows share of which some do not have the option.
std::string_view option_or_fallback(const Options& options, const OptionSpec& spec);

// How many rings a transport wants: none; one for all producers; one for each producer; or groups
// of producers, by the options kCpusPerRing and kMapping.
enum class Layout : std::uint8_t { none, shared, per_producer, grouped };

// Atomic instructions that a producer executes for one committed event while nobody else is about.
// xadd stands for any lock-prefixed addition: LOCK INC costs the same.
struct Atomics {
  double xadd = 0;
  double xchg = 0;
  double cmpxchg = 0;
  double release_store = 0;

  friend Atomics operator+(const Atomics& a, const Atomics& b) {
    return {a.xadd + b.xadd, a.xchg + b.xchg, a.cmpxchg + b.cmpxchg,
            a.release_store + b.release_store};
  }
  friend bool operator==(const Atomics&, const Atomics&) = default;
};

inline std::string fits_all(const Options& /*options*/, const Demands& /*demands*/) {
  return {};
}

inline bool never_chained(const Options& /*options*/) {
  return false;
}

// A transport as data: what the list, the config, the plots and the report know of it.
struct Row {
  std::string_view name;
  std::string_view summary;
  Layout layout;
  std::span<const OptionSpec> options;
  std::string (*unavailable)();  // empty: this machine can run it; else why not, and the mend
  std::string (*refuse)(const Options&);  // empty: the combination makes sense; else a sentence
  Atomics (*atomics)(const Options&);
  // Whether its records say of which chain of events they are.
  bool (*chained)(const Options&) = never_chained;
  bool whole = false;  // its producers are WholeProducers: nobody can step in between
  // Empty: it can carry what the cell asks for; else a sentence, with the mend.
  std::string (*unfit)(const Options&, const Demands&) = fits_all;
};

// A transport that carries records of any number of producers over any number of rings.
// consume(ring, sink, budget): hands at most `budget` records of one ring (0: no bound) to the sink
// and returns how many; the caller is the ring's only consumer. occupancy(ring): bytes not yet
// free. overwritten(): committed records that a newer one replaced before they were read; exact
// only after every producer has stopped and every ring is drained. footprint(): bytes mapped.
// describe(): positions and lock state in words, read without synchronisation, for a trial that has
// hung.
template <class T>
concept Transport = std::constructible_from<T, const Geometry&, const Options&> &&
    (SplitProducer<typename T::Producer> ||
     WholeProducer<typename T::Producer>)&&requires(T transport, const T& view, unsigned index) {
  { transport.producer(index) } -> std::same_as<typename T::Producer>;
  { view.occupancy(index) } -> std::same_as<std::size_t>;
  { view.overwritten() } -> std::same_as<std::uint64_t>;
  { view.footprint() } -> std::same_as<std::size_t>;
  { view.describe() } -> std::same_as<std::string>;
};

// A transport whose consumer can sleep. wait_fd(ring): readable after a notification.
// ready_to_wait(ring): true when the ring is empty and the caller may sleep without missing a
// notification that a later commit sends; false when there is something to consume first.
template <class T>
concept Waitable = requires(T transport, unsigned ring) {
  { transport.wait_fd(ring) } -> std::same_as<int>;
  { transport.ready_to_wait(ring) } -> std::same_as<bool>;
};

// A transport whose keeper counts for itself, too. audit(): where its counts and the tallies do not
// agree, a sentence; empty: they do. Read after every producer has settled and every ring is
// drained.
template <class T>
concept Audited = requires(const T& view) {
  { view.audit() } -> std::same_as<std::string>;
};

// A transport whose producers may be interrupted by others on their own thread (a signal handler).
// interrupter(i, producer): a handle for what interrupts the producer i, made by its thread; its
// reserve() never waits for what it interrupts.
template <class T>
concept Interruptible = SplitProducer<typename T::Interrupter> &&
    requires(T transport, unsigned index, const typename T::Producer& interrupted) {
  { transport.interrupter(index, interrupted) } -> std::same_as<typename T::Interrupter>;
};

// A transport that can count its drops itself. counted_drops(): of all producers and what
// interrupts them; nothing: it was not asked to. Read when audit() is.
template <class T>
concept CountsDrops = requires(const T& view) {
  { view.counted_drops() } -> std::same_as<std::optional<std::uint64_t>>;
};

// A transport whose memory the kernel holds. mapped(): as the kernel counts it for this process.
// pages(ring): mapped pages of the ring whose NUMA nodes can be asked for; empty: none can.
struct MappedMemory {
  std::uint64_t virtual_bytes = 0;   // address space
  std::uint64_t resident_bytes = 0;  // Rss: pages that are mapped twice count twice
};
template <class T>
concept KernelMapped = requires(const T& view, unsigned ring) {
  { view.mapped() } -> std::same_as<MappedMemory>;
  { view.pages(ring) } -> std::same_as<std::span<std::byte>>;
};

inline std::string always_available() {
  return {};
}
inline std::string never_refused(const Options& /*options*/) {
  return {};
}
inline Atomics no_atomics(const Options& /*options*/) {
  return {};
}

}  // namespace ringbench
