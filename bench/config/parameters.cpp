#include "bench/config/parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <type_traits>

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
constexpr std::array<std::string_view, 2> kBytesAreNames{"total", "per_ring"};
constexpr std::array<std::string_view, 4> kArrivalNames{"saturate", "constant", "poisson",
                                                        "bursty"};

bool has_rings(const Cell& cell) {
  const Row* row = find_transport(cell.transport);
  return row == nullptr || row->layout != Layout::none;
}
bool is_explicit(const Cell& cell) {
  return cell.placement == "explicit";
}
bool is_paced(const Cell& cell) {
  return cell.paced();
}
bool is_saturated(const Cell& cell) {
  return !cell.paced();
}
bool is_bursty(const Cell& cell) {
  return cell.bursty();
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
              .summary = "payload of a record, without the transport's header",
              .member = &Cell::record_size,
              .min = 8,
              .max = kMaxRecordSize},
    Parameter{.key = "arrival",
              .unit = "",
              .summary = "when each producer's events are due",
              .member = &Cell::arrival,
              .allowed = kArrivalNames},
    Parameter{.key = "rate",
              .unit = "1/s",
              .summary = "events of each producer; bursty: while a burst is on",
              .member = &Cell::rate,
              .min = 0.001,
              .max = 1e9,
              .applies = is_paced,
              .scope = "arrival = constant, poisson or bursty"},
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
  };
  if (!parameter.applies(cell)) return std::monostate{};
  return std::visit(Convert{}, setting_of(parameter, cell));
}

}  // namespace ringbench
