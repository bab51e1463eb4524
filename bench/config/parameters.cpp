#include "bench/config/parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "impls/interruption.hpp"
#include "impls/list.hpp"
#include "topology/placement.hpp"

namespace ringbench {
namespace {

// Largest CONFIG_NR_CPUS of Linux on x86-64.
constexpr double kMostCpus = 8192;
constexpr double kHourUs = 3.6e9;
constexpr double kHourMs = 3.6e6;

constexpr std::array<std::string_view, 2> kConsumersNames{"one", "per_ring"};
constexpr std::array<std::string_view, 3> kPollNames{"busy", "epoll", "after_window"};
constexpr std::array<std::string_view, 3> kMergeNames{"off", "watermark", "seen"};
constexpr std::array<std::string_view, 2> kMergeByNames{"stamp", "counter"};
constexpr std::array<std::string_view, 2> kBytesAreNames{"total", "per_ring"};
constexpr std::array<std::string_view, 7> kArrivalNames{"saturate", "constant", "poisson", "bursty",
                                                        "trace",    "chain",    "race"};
constexpr std::array<std::string_view, 2> kProbeNames{"off", "both_ends"};
constexpr std::array<std::string_view, 4> kSizesNames{"fixed", "uniform", "lognormal", "empirical"};
constexpr std::array<std::string_view, 2> kFillNames{"in_place", "scratch"};
constexpr std::array<std::string_view, 4> kSkewNames{"even", "zipf", "one_hot", "moving_hot"};

bool has_rings(const Cell& cell) {
  const Row* row = find_transport(cell.transport);
  return row == nullptr || row->layout != Layout::none;
}
// Reserve, fill and commit are the harness's own, and each event stands for itself.
bool has_steps(const Cell& cell) {
  const Row* row = find_transport(cell.transport);
  return (row == nullptr || !row->whole) && !cell.chains() && !cell.races();
}
bool can_hold(const Cell& cell) {
  return has_steps(cell) && cell.paced();
}
bool holds(const Cell& cell) {
  return can_hold(cell) && cell.hold_us > 0;
}
bool is_explicit(const Cell& cell) {
  return cell.placement == "explicit";
}
bool has_rate(const Cell& cell) {
  return cell.paced() && !cell.traced();
}
bool is_traced(const Cell& cell) {
  return cell.traced();
}
bool is_saturated(const Cell& cell) {
  return cell.saturated();
}
bool is_chain(const Cell& cell) {
  return cell.chains();
}
bool is_race(const Cell& cell) {
  return cell.races();
}
bool is_bursty(const Cell& cell) {
  return cell.bursty();
}
bool can_stall(const Cell& cell) {
  return has_rings(cell) && cell.poll != "after_window";
}
bool stalls(const Cell& cell) {
  return can_stall(cell) && cell.stall_ms > 0;
}
bool merges(const Cell& cell) {
  return has_rings(cell) && cell.merges();
}
bool waits_to_merge(const Cell& cell) {
  return has_rings(cell) && cell.merge == "watermark";
}
bool chooses_sizes(const Cell& cell) {
  return !cell.sizes_traced();
}
bool is_empirical(const Cell& cell) {
  return chooses_sizes(cell) && cell.sizes == "empirical";
}
bool is_lognormal(const Cell& cell) {
  return chooses_sizes(cell) && cell.sizes == "lognormal";
}
bool has_record_size(const Cell& cell) {
  return chooses_sizes(cell) && cell.sizes != "empirical";
}
bool has_largest_size(const Cell& cell) {
  return has_record_size(cell) && cell.sizes != "fixed";
}
// Bursts and traces say themselves which producer sends how much.
bool can_skew(const Cell& cell) {
  return cell.producers > 1 && (cell.arrival == "constant" || cell.arrival == "poisson");
}
bool is_zipf(const Cell& cell) {
  return can_skew(cell) && cell.skew == "zipf";
}
bool is_moving_hot(const Cell& cell) {
  return can_skew(cell) && cell.skew == "moving_hot";
}
bool has_hot(const Cell& cell) {
  return can_skew(cell) && (cell.skew == "one_hot" || cell.skew == "moving_hot");
}

// By a producer on its own CPU, which the transport must have an option for.
bool can_be_interrupted(const Cell& cell) {
  const Row* row = find_transport(cell.transport);
  return row == nullptr ||
         std::ranges::count(row->options, kInterrupted.key, &OptionSpec::key) != 0;
}

constexpr std::array kParameters{
    Parameter{.key = "producers",
              .unit = "",
              .summary = "threads that produce, one on each CPU",
              .member = &Cell::producers,
              .min = 1,
              .max = kMaxProducers},
    Parameter{.key = "placement",
              .unit = "",
              .summary = "which CPUs the producers run on",
              .member = &Cell::placement,
              .allowed = kPlacementNames},
    Parameter{.key = "cpus",
              .unit = "",
              .summary = "OS number of the CPU of each producer",
              .member = &Cell::cpus,
              .max = kMostCpus - 1,
              .applies = is_explicit,
              .scope = "placement = explicit"},
    Parameter{.key = "consumer",
              .unit = "",
              .summary = "where a consumer runs, as seen from its first producer",
              .member = &Cell::consumer,
              .allowed = kConsumerNames,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{.key = "consumers",
              .unit = "",
              .summary = "one consumer for all rings, or one for each",
              .member = &Cell::consumers,
              .allowed = kConsumersNames,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{.key = "poll",
              .unit = "",
              .summary = "how a consumer waits: busy loop, sleep until notified, or start only "
                         "when the measured window has closed",
              .member = &Cell::poll,
              .allowed = kPollNames,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{
        .key = "budget",
        .unit = "records",
        .summary = "most records taken from one ring before the next ring's turn; 0: no bound",
        .member = &Cell::budget,
        .max = 1e9,
        .applies = has_rings,
        .scope = "transports that have rings"},
    Parameter{.key = "service_ns",
              .unit = "ns",
              .summary = "time a consumer spends on each record",
              .member = &Cell::service_ns,
              .max = 1e9,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{.key = "downstream_ns",
              .unit = "ns",
              .summary = "time each record then holds the one stage that all consumers feed",
              .member = &Cell::downstream_ns,
              .max = 1e9,
              .applies = has_rings,
              .scope = "transports that have rings",
              .silent_at_default = true},
    Parameter{.key = "stall_ms",
              .unit = "ms",
              .summary = "for so long a consumer stops reading, every stall_every_ms",
              .member = &Cell::stall_ms,
              .max = kHourMs,
              .applies = can_stall,
              .scope = "transports that have rings, poll = busy or epoll",
              .silent_at_default = true},
    Parameter{.key = "stall_every_ms",
              .unit = "ms",
              .summary = "time between the starts of two stalls; the first is at the window's",
              .member = &Cell::stall_every_ms,
              .min = 0.01,
              .max = kHourMs,
              .applies = stalls,
              .scope = "stall_ms above 0"},
    Parameter{.key = "merge",
              .unit = "",
              .summary =
                  "a stage of the consumer that restores the order; watermark: releases what "
                  "is older than the newest seen less merge_wait_us, seen: up to the oldest "
                  "of the newest of every buffer",
              .member = &Cell::merge,
              .allowed = kMergeNames,
              .applies = has_rings,
              .scope = "transports that have rings",
              .silent_at_default = true},
    Parameter{.key = "merge_by",
              .unit = "",
              .summary = "what it orders by",
              .member = &Cell::merge_by,
              .allowed = kMergeByNames,
              .applies = merges,
              .scope = "merge = watermark or seen"},
    Parameter{.key = "merge_wait_us",
              .unit = "us",
              .summary = "how long a record waits for older ones",
              .member = &Cell::merge_wait_us,
              .max = kHourUs,
              .applies = waits_to_merge,
              .scope = "merge = watermark"},
    Parameter{.key = "ring_memory",
              .unit = "",
              .summary = "NUMA node of each ring's pages",
              .member = &Cell::ring_memory,
              .allowed = kRingMemoryNames,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{.key = "oversubscribe",
              .unit = "",
              .summary = "allow more producers than CPUs; such a trial is marked",
              .member = &Cell::oversubscribe},
    Parameter{.key = "interrupt_every_us",
              .unit = "us",
              .summary = "mean time between signals to each producer, whose handler sends an event "
                         "of its own; 0: none",
              .member = &Cell::interrupt_every_us,
              .max = kHourUs,
              .applies = can_be_interrupted,
              .scope = "transports with the option interrupted",
              .silent_at_default = true},
    Parameter{.key = "bytes",
              .unit = "bytes",
              .summary = "buffer memory, as bytes_are says",
              .member = &Cell::bytes,
              .min = 4096,
              .max = 68'719'476'736.0,
              .power_of_two = true,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{.key = "bytes_are",
              .unit = "",
              .summary = "bytes is the total over all rings, or the size of each",
              .member = &Cell::bytes_are,
              .allowed = kBytesAreNames,
              .applies = has_rings,
              .scope = "transports that have rings"},
    Parameter{.key = "record_size",
              .unit = "bytes",
              .summary = "payload of a record, without the transport's header; uniform: the "
                         "smallest, lognormal: the median",
              .member = &Cell::record_size,
              .min = kMinRecordSize,
              .max = kMaxRecordSize,
              .applies = has_record_size,
              .scope = "sizes = fixed, uniform or lognormal"},
    Parameter{.key = "sizes",
              .unit = "",
              .summary = "how the sizes of records are distributed",
              .member = &Cell::sizes,
              .allowed = kSizesNames,
              .applies = chooses_sizes,
              .scope = "every arrival but a trace that has sizes",
              .silent_at_default = true},
    Parameter{.key = "record_size_max",
              .unit = "bytes",
              .summary = "the largest payload",
              .member = &Cell::record_size_max,
              .min = kMinRecordSize,
              .max = kMaxRecordSize,
              .applies = has_largest_size,
              .scope = "sizes = uniform or lognormal"},
    Parameter{.key = "size_sigma",
              .unit = "",
              .summary = "standard deviation of the size's natural logarithm",
              .member = &Cell::size_sigma,
              .min = 0.01,
              .max = 10,
              .applies = is_lognormal,
              .scope = "sizes = lognormal"},
    Parameter{.key = "size_list",
              .unit = "",
              .summary = "sizes and how often each occurs, columns size and weight",
              .member = &Cell::size_list,
              .applies = is_empirical,
              .scope = "sizes = empirical"},
    Parameter{.key = "arrival",
              .unit = "",
              .summary = "when each producer's events are due",
              .member = &Cell::arrival,
              .allowed = kArrivalNames},
    Parameter{.key = "rate",
              .unit = "1/s",
              .summary = "events of each producer; bursty: while a burst is on; chain: chains that "
                         "each producer starts",
              .member = &Cell::rate,
              .min = 0.001,
              .max = 1e9,
              .applies = has_rate,
              .scope = "arrival = constant, poisson, bursty or chain"},
    Parameter{.key = "burst_on_us",
              .unit = "us",
              .summary = "length of a burst",
              .member = &Cell::burst_on_us,
              .min = 1,
              .max = kHourUs,
              .applies = is_bursty,
              .scope = "arrival = bursty"},
    Parameter{.key = "burst_every_us",
              .unit = "us",
              .summary = "mean time between the starts of the bursts that hit one producer",
              .member = &Cell::burst_every_us,
              .min = 1,
              .max = kHourUs,
              .applies = is_bursty,
              .scope = "arrival = bursty"},
    Parameter{.key = "burst_width",
              .unit = "",
              .summary = "producers that each burst hits together",
              .member = &Cell::burst_width,
              .min = 1,
              .max = kMaxProducers,
              .applies = is_bursty,
              .scope = "arrival = bursty"},
    Parameter{.key = "chain_length",
              .unit = "events",
              .summary = "events of a chain, each made by the producer after the last one's",
              .member = &Cell::chain_length,
              .min = 2,
              .max = 64,
              .applies = is_chain,
              .scope = "arrival = chain"},
    Parameter{.key = "chain_gap_us",
              .unit = "us",
              .summary = "time from the commit of an event to the next one of its chain",
              .member = &Cell::chain_gap_us,
              .max = 1e6,
              .applies = is_chain,
              .scope = "arrival = chain"},
    Parameter{.key = "race_window_ns",
              .unit = "ns",
              .summary = "time between the load and the store of an update",
              .member = &Cell::race_window_ns,
              .max = 1e9,
              .applies = is_race,
              .scope = "arrival = race"},
    Parameter{.key = "race_every_ns",
              .unit = "ns",
              .summary = "mean time that a producer waits between two updates",
              .member = &Cell::race_every_ns,
              .max = 1e9,
              .applies = is_race,
              .scope = "arrival = race"},
    Parameter{.key = "probe",
              .unit = "",
              .summary = "no event, or one before each update and one after it",
              .member = &Cell::probe,
              .allowed = kProbeNames,
              .applies = is_race,
              .scope = "arrival = race"},
    Parameter{
        .key = "trace",
        .unit = "",
        .summary = "when events are due, columns time_us and, if there are, size and producer",
        .member = &Cell::trace,
        .applies = is_traced,
        .scope = "arrival = trace"},
    Parameter{.key = "skew",
              .unit = "",
              .summary = "how unevenly producers share the rate, whose sum over them stays",
              .member = &Cell::skew,
              .allowed = kSkewNames,
              .applies = can_skew,
              .scope = "arrival = constant or poisson, 2 producers and more",
              .silent_at_default = true},
    Parameter{.key = "skew_exponent",
              .unit = "",
              .summary = "producer n, from 1, has a share in proportion to 1/n to this power",
              .member = &Cell::skew_exponent,
              .min = 0.01,
              .max = 10,
              .applies = is_zipf,
              .scope = "skew = zipf"},
    Parameter{.key = "hot_share",
              .unit = "",
              .summary = "what the hot producer sends of all; the others share the rest evenly",
              .member = &Cell::hot_share,
              .max = 1,
              .applies = has_hot,
              .scope = "skew = one_hot or moving_hot"},
    Parameter{.key = "hot_every_ms",
              .unit = "ms",
              .summary = "time after which the next producer is the hot one",
              .member = &Cell::hot_every_ms,
              .min = 0.01,
              .max = kHourMs,
              .applies = is_moving_hot,
              .scope = "skew = moving_hot"},
    Parameter{.key = "fill",
              .unit = "",
              .summary =
                  "where a payload is made: in the reserved memory, or before the reserve in "
                  "memory of the producer's own, from which it is copied",
              .member = &Cell::fill,
              .allowed = kFillNames,
              .applies = has_steps,
              .scope = "transports of this program, every arrival but chain and race",
              .silent_at_default = true},
    Parameter{.key = "abandon_every",
              .unit = "events",
              .summary = "one event in so many is reserved and filled but given up, 0: none",
              .member = &Cell::abandon_every,
              .max = 1e9,
              .applies = has_steps,
              .scope = "transports of this program, every arrival but chain and race",
              .silent_at_default = true},
    Parameter{.key = "hold_us",
              .unit = "us",
              .summary = "for so long producer 0 stays between reserve and commit, every "
                         "hold_every_ms",
              .member = &Cell::hold_us,
              .max = kHourUs,
              .applies = can_hold,
              .scope = "transports of this program, arrival = constant, poisson, bursty or trace",
              .silent_at_default = true},
    Parameter{.key = "hold_every_ms",
              .unit = "ms",
              .summary = "time between two of them; the first is at the window's start",
              .member = &Cell::hold_every_ms,
              .min = 0.01,
              .max = kHourMs,
              .applies = holds,
              .scope = "hold_us above 0"},
    Parameter{.key = "sample_every",
              .unit = "events",
              .summary = "one event in so many is timed, 0: none; paced arrivals time every event",
              .member = &Cell::sample_every,
              .max = 1e9,
              .applies = is_saturated,
              .scope = "arrival = saturate"},
    Parameter{.key = "stamps",
              .unit = "",
              .summary = "every record carries the TSC at reserve: order and delay can be told",
              .member = &Cell::stamps},
    Parameter{.key = "counter",
              .unit = "",
              .summary = "every record carries the next number of a counter that all producers "
                         "share: one atomic addition an event, 8 bytes",
              .member = &Cell::counter,
              .silent_at_default = true},
    Parameter{.key = "warmup_ms",
              .unit = "ms",
              .summary = "load before the measured window",
              .member = &Cell::warmup_ms,
              .max = kHourMs},
    Parameter{.key = "duration_ms",
              .unit = "ms",
              .summary = "length of the measured window; 0: chosen from the noise of the machine",
              .member = &Cell::duration_ms,
              .max = kHourMs},
};

// Where an integer's bound is stated as a double, its nearest 63-bit value: 2^63 becomes 2^63 - 1.
std::int64_t to_int64(double value) {
  constexpr double kTooLarge = 9'223'372'036'854'775'808.0;
  return value < kTooLarge ? static_cast<std::int64_t>(value)
                           : std::numeric_limits<std::int64_t>::max();
}

constexpr const char* kFileAllowed = "the path of a CSV file, from the folder of the config on";

template <class T>
std::string spell(const FromFile<T>& file) {
  return file ? fmt::format("{}@{}", file.stem, file.hash) : "";
}

std::string with_unit(std::string range, std::string_view unit) {
  if (!unit.empty()) range += fmt::format(" ({})", unit);
  return range;
}

}  // namespace

std::span<const Parameter> parameters() {
  return kParameters;
}

const Parameter* find_parameter(std::string_view key) {
  const auto found = std::find_if(kParameters.begin(), kParameters.end(),
                                  [&](const Parameter& parameter) { return parameter.key == key; });
  return found == kParameters.end() ? nullptr : &*found;
}

Setting setting_of(const Parameter& parameter, const Cell& cell) {
  return std::visit([&](auto member) { return Setting{cell.*member}; }, parameter.member);
}

bool is_default(const Parameter& parameter, const Cell& cell) {
  static const Cell defaults;
  return std::visit([&](auto member) { return cell.*member == defaults.*member; },
                    parameter.member);
}

void set_default(const Parameter& parameter, Cell& cell) {
  static const Cell defaults;
  std::visit([&](auto member) { cell.*member = defaults.*member; }, parameter.member);
}

void assign(const Parameter& parameter, Cell& cell, const Setting& setting) {
  std::visit(
      [&](auto member) {
        using T = std::remove_cvref_t<decltype(cell.*member)>;
        cell.*member = std::get<T>(setting);
      },
      parameter.member);
}

std::string text_of(const Setting& setting) {
  struct Spell {
    std::string operator()(const std::string& word) const { return word; }
    std::string operator()(std::uint64_t count) const { return std::to_string(count); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(bool on) const { return on ? "true" : "false"; }
    std::string operator()(const std::vector<unsigned>& list) const {
      return fmt::format("{}", fmt::join(list, "+"));
    }
    std::string operator()(const FromFile<Trace>& file) const { return spell(file); }
    std::string operator()(const FromFile<SizeList>& file) const { return spell(file); }
  };
  return std::visit(Spell{}, setting);
}

std::string default_of(const Parameter& parameter) {
  return text_of(setting_of(parameter, Cell{}));
}

std::string integer_range(double min, double max, bool power_of_two, std::string_view unit) {
  return with_unit(fmt::format("{} from {} to {}", power_of_two ? "a power of two" : "an integer",
                               to_int64(min), to_int64(max)),
                   unit);
}

std::string number_range(double min, double max, std::string_view unit) {
  return with_unit(fmt::format("a number from {} to {}", min, max), unit);
}

std::string choices(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += fmt::format("\"{}\"", words[i]);
  }
  return text;
}

std::string allowed_of(const Parameter& parameter) {
  struct Describe {
    const Parameter& p;
    std::string operator()(std::string Cell::* /*word*/) const { return choices(p.allowed); }
    std::string operator()(std::uint64_t Cell::* /*count*/) const {
      return integer_range(p.min, p.max, p.power_of_two, p.unit);
    }
    std::string operator()(double Cell::* /*number*/) const {
      return number_range(p.min, p.max, p.unit);
    }
    std::string operator()(bool Cell::* /*on*/) const { return "true or false"; }
    std::string operator()(std::vector<unsigned> Cell::* /*list*/) const {
      return "a list of CPU numbers, such as [0, 2]";
    }
    std::string operator()(FromFile<Trace> Cell::* /*file*/) const { return kFileAllowed; }
    std::string operator()(FromFile<SizeList> Cell::* /*file*/) const { return kFileAllowed; }
  };
  return std::visit(Describe{parameter}, parameter.member);
}

Value value_of(const Parameter& parameter, const Cell& cell) {
  struct Convert {
    Value operator()(const std::string& word) const { return word; }
    Value operator()(std::uint64_t count) const { return static_cast<std::int64_t>(count); }
    Value operator()(double number) const { return number; }
    Value operator()(bool on) const { return std::int64_t{on}; }
    Value operator()(const std::vector<unsigned>& list) const { return text_of(list); }
    Value operator()(const FromFile<Trace>& file) const { return spell(file); }
    Value operator()(const FromFile<SizeList>& file) const { return spell(file); }
  };
  if (!parameter.applies(cell)) return std::monostate{};
  return std::visit(Convert{}, setting_of(parameter, cell));
}

}  // namespace ringbench
