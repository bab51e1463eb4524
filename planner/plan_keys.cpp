#include "planner/plan_keys.hpp"

#include <algorithm>
#include <array>

namespace ringbench::planner {
namespace {

constexpr double kMostRate = 1e9;    // records/s of a CPU: one a nanosecond
constexpr double kMostNs = 1e9;      // a second
constexpr double kMostUs = 3.6e9;    // an hour, the longest that a plan is simulated
constexpr double kMostRecord = 1e9;  // bytes; a BPF ring takes records below 1 GiB
constexpr double kMostCpus = 4096;
constexpr double kMostMoves = 1000;

constexpr Uncertain exactly(double value) {
  return {value, value, value};
}

constexpr std::string_view kCalibration = "./run.sh calibrate on that machine";
constexpr std::string_view kCounts =
    "a count of records by CPU and second where the program runs in production";
constexpr std::string_view kBursts =
    "a trace of record times by CPU where the program runs in production";
constexpr std::string_view kConsumer = "timing the consumer over a million records";

// What is assumed of a machine is wide enough for servers of the last ten years, virtual ones too:
// core-to-core matrices as published by core-to-core-latency tools, among them planner/data
// (siblings 8 ns, one package 33 to 55 ns, two packages 115 to 145 ns), and hand_over of a store
// from a virtual machine (211 ns between two CPUs of a node). A BPF program alone takes 86 to 92 ns
// a record with the loop around it (planner/data/contention_published.csv, one producer), a ring in
// user space 15 and more.
constexpr std::array kKeys{
    InputKey{"source.rate_per_cpu",
             &Inputs::rate_per_cpu,
             "records/s",
             "records that a CPU sends outside bursts, steadily",
             0,
             kMostRate,
             {},
             kCounts},
    InputKey{"source.record_size",
             &Inputs::record_size,
             "bytes",
             "payload that is reserved for a record",
             1,
             kMostRecord,
             {},
             "sizeof of what the program reserves"},
    InputKey{"source.record_used", &Inputs::record_used, "bytes",
             "the part of record_size that carries something, at most; 0: all", 0, kMostRecord,
             exactly(0), "a histogram of the sizes that are filled in"},
    InputKey{"source.burst_rate", &Inputs::burst_rate, "records/s",
             "records that a CPU sends while a burst hits it", 0, kMostRate, exactly(0), kBursts},
    InputKey{"source.burst_on_us", &Inputs::burst_on_us, "us", "how long a burst lasts", 0, kMostUs,
             exactly(0), kBursts},
    InputKey{"source.bursts_per_cpu_s", &Inputs::bursts_per_cpu_s, "1/s",
             "bursts that hit a given CPU, a second", 0, 1e6, exactly(0), kBursts},
    InputKey{"source.burst_width", &Inputs::burst_width, "CPUs",
             "CPUs that one burst hits together", 1, kMostCpus, exactly(1), kBursts},

    InputKey{"consumer.ns_per_record",
             &Inputs::ns_per_record,
             "ns",
             "what one consumer thread takes for a record",
             0.1,
             kMostNs,
             {},
             kConsumer},
    InputKey{"consumer.ns_per_poll", &Inputs::ns_per_poll, "ns",
             "what a look at one buffer takes, whether it holds anything or not", 0, kMostNs,
             Uncertain{50, 15, 300}, kCalibration},
    InputKey{"consumer.poll_interval_us", &Inputs::poll_interval_us, "us",
             "pause between two rounds over the buffers; 0: none, or woken", 0, kMostUs, exactly(0),
             "the consumer's own source"},
    InputKey{"consumer.wakeup_ns", &Inputs::wakeup_ns, "ns",
             "from a record to the run of the thread that it woke", 0, kMostNs,
             Uncertain{8'000, 2'000, 50'000}, kCalibration},
    InputKey{"consumer.stall_us", &Inputs::stall_us, "us",
             "how long a thread reads nothing each time it stalls", 0, kMostUs, exactly(0),
             "ringbench doctor, which lists how long threads are kept from a CPU"},
    InputKey{"consumer.stall_every_us", &Inputs::stall_every_us, "us", "from stall to stall", 0,
             kMostUs, exactly(0), "ringbench doctor, which counts such times"},
    InputKey{"consumer.stage_ns", &Inputs::stage_ns, "ns",
             "what a stage behind all threads takes for one record after the other; 0: none", 0,
             kMostNs, exactly(0), kConsumer},
    InputKey{"consumer.merge_wait_us", &Inputs::merge_wait_us, "us",
             "watermark of a merge into order: how long it waits for older records", 0, kMostUs,
             exactly(0), "the consumer's own source"},

    InputKey{"producer.alone_ns", &Inputs::alone_ns, "ns",
             "reserve and commit of a producer that meets nobody", 0.1, kMostNs,
             Uncertain{50, 15, 110}, kCalibration},
    InputKey{"producer.outside_lock_ns", &Inputs::outside_lock_ns, "ns",
             "the part of alone_ns that is done without the lock", 0, kMostNs, Uncertain{8, 3, 15},
             kCalibration},
    InputKey{"producer.remote_cold_ns", &Inputs::remote_cold_ns, "ns",
             "the same, in memory that a consumer on another CPU has just read", 0, kMostNs,
             Uncertain{80, 20, 200}, kCalibration},
    InputKey{
        "producer.watched_ns", &Inputs::watched_ns, "ns",
        "the same, while a consumer on another CPU does nothing but look for the record; 0: as "
        "the latencies say",
        0, kMostNs, exactly(0), kCalibration},
    InputKey{"producer.notify_ns", &Inputs::notify_ns, "ns",
             "what a notification of the consumer costs the producer", 0, kMostNs,
             Uncertain{600, 150, 3'000}, kCalibration},
    InputKey{"producer.moves",
             &Inputs::moves,
             "",
             "serial moves of a cache line a record, K",
             0.1,
             kMostMoves,
             {},
             kCalibration},

    InputKey{"latency.core_ns", &Inputs::core_ns, "ns",
             "a cache line between two hardware threads of a core", 0.1, kMostNs,
             Uncertain{12, 5, 30}, kCalibration},
    InputKey{"latency.l3_ns", &Inputs::l3_ns, "ns", "a cache line between two cores of an L3 group",
             0.1, kMostNs, Uncertain{40, 18, 100}, kCalibration},
    InputKey{"latency.node_ns", &Inputs::node_ns, "ns",
             "a cache line between two L3 groups of a NUMA node", 0.1, kMostNs,
             Uncertain{85, 30, 240}, kCalibration},
    InputKey{"latency.package_ns", &Inputs::package_ns, "ns",
             "a cache line between two NUMA nodes of a package", 0.1, kMostNs,
             Uncertain{110, 45, 260}, kCalibration},
    InputKey{"latency.machine_ns", &Inputs::machine_ns, "ns", "a cache line between two packages",
             0.1, kMostNs, Uncertain{160, 80, 350}, kCalibration},
    InputKey{"latency.factor", &Inputs::latency_factor, "",
             "on every latency, for what a matrix does not tell", 0.01, 100, exactly(1),
             kCalibration},
};

}  // namespace

std::span<const InputKey> input_keys() {
  return kKeys;
}

const InputKey* find_input_key(std::string_view key) {
  const auto at = std::ranges::find(kKeys, key, &InputKey::key);
  return at == kKeys.end() ? nullptr : &*at;
}

}  // namespace ringbench::planner
