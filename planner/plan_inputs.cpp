#include "planner/plan_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/config/parameters.hpp"
#include "bench/config/suggest.hpp"
#include "planner/plan_keys.hpp"

namespace ringbench::planner {
namespace {

constexpr std::array<std::string_view, 3> kIntervalKeys{"value", "low", "high"};
constexpr std::array<std::string_view, 3> kBurst{"source.burst_rate", "source.burst_on_us",
                                                 "source.bursts_per_cpu_s"};
constexpr std::array<std::string_view, 2> kStall{"consumer.stall_us", "consumer.stall_every_us"};
constexpr std::string_view kOwnRing = "ringbuf";

std::string allowed_of(const InputKey& input) {
  return fmt::format(
      "{}, or a table {{value, low, high}} of three such numbers, low and high the "
      "ends of its 90 % interval",
      number_range(input.min, input.max, input.unit));
}

std::optional<double> read_one(const toml::node& node, const InputKey& input,
                               const ValueReader& reader) {
  if (input.unit == "bytes") return read_bytes(node, input.min, input.max, reader);
  return reader.number(node, input.min, input.max, input.unit);
}

// {value = 3, low = 2, high = 5}
std::optional<Uncertain> read_interval(const toml::table& table, const InputKey& input,
                                       const ValueReader& reader) {
  const auto errors_before = reader.errors.count();
  Uncertain read;
  std::map<std::string_view, double*> members{
      {"value", &read.value}, {"low", &read.low}, {"high", &read.high}};
  for (const auto& [key, node] : table) {
    const auto path = fmt::format("{}.{}", reader.key, printable(key.str()));
    const auto member = members.find(key.str());
    if (member == members.end()) {
      reader.errors.add(
          where_of(key), path,
          fmt::format("found an unknown key; allowed: {}{}", fmt::join(kIntervalKeys, ", "),
                      suggestion(key.str(), kIntervalKeys)));
    } else if (const auto number = read_one(node, input, {path, reader.errors})) {
      *member->second = *number;
    }
  }
  for (const auto key : kIntervalKeys) {
    if (!table.contains(key))
      reader.errors.add(where_of(table), reader.key,
                        fmt::format("found no {}; allowed: all three of value, low and high, or a "
                                    "number alone",
                                    key));
  }
  if (reader.errors.count() != errors_before) return std::nullopt;
  if (read.low <= read.value && read.value <= read.high) return read;
  reader.errors.add(where_of(table), reader.key,
                    fmt::format("found low {}, value {} and high {}; allowed: low <= value <= high",
                                read.low, read.value, read.high));
  return std::nullopt;
}

std::optional<Uncertain> read_stated(const Statement& stated, const InputKey& input) {
  const ValueReader reader{std::string(input.key), *stated.errors};
  if (const auto* table = stated.node->as_table()) return read_interval(*table, input, reader);
  if (!stated.node->is_number() && !(input.unit == "bytes" && stated.node->is_string())) {
    reader.reject(*stated.node, allowed_of(input));
    return std::nullopt;
  }
  const auto number = read_one(*stated.node, input, reader);
  return number ? std::optional(Uncertain{*number, *number, *number}) : std::nullopt;
}

class InputReader {
 public:
  InputReader(Statements& statements, const Calibration* calibration, Plan& plan)
      : statements_(statements), calibration_(calibration), plan_(plan) {}

  void read() {
    for (const auto& input : input_keys()) read(input);
    check_trace();
    check_group(kBurst, "a burst");
    check_group(kStall, "a stall");
    check_relations();
    check_something_is_sent();
  }

 private:
  void read(const InputKey& input) {
    if (const auto* stated = statements_.find(input.key)) {
      if (const auto value = read_stated(*stated, input)) set(input, *value, Origin::stated);
    } else if (const auto* calibrated = calibrated_of(input.key)) {
      set(input, *calibrated, Origin::calibrated);
    } else if (const auto assumed = assumed_of(input)) {
      set(input, *assumed, Origin::assumed);
    } else if (!told_by_trace(input.key) && !told_by_code_path(input.key)) {
      miss(input);
    }
  }

  void set(const InputKey& input, const Uncertain& value, Origin origin) {
    set_input(plan_, input.key, value, origin);
  }

  const Uncertain* calibrated_of(std::string_view key) const {
    if (calibration_ == nullptr || plan_.code_path == nullptr) return nullptr;
    if (!calibration_tells(key, *plan_.code_path)) return nullptr;
    const auto at = calibration_->inputs.find(std::string(key));
    return at == calibration_->inputs.end() ? nullptr : &at->second;
  }

  std::optional<Uncertain> assumed_of(const InputKey& input) const {
    if (input.member == &Inputs::moves && plan_.code_path != nullptr) return plan_.code_path->moves;
    return input.fallback;
  }

  bool told_by_code_path(std::string_view key) const {
    return key == "producer.moves";  // without one that is the error
  }

  // read_trace() has set it, or has told why it could not.
  bool told_by_trace(std::string_view key) const {
    if (statements_.find("source.trace") == nullptr) return false;
    return key == "source.rate_per_cpu" ||
           (key == "source.record_size" && (has(key) || plan_.trace.rates.empty()));
  }

  void miss(const InputKey& input) {
    std::string sentence = fmt::format(
        "missing, and nothing can be assumed of it: {}; state {}; what would tell it: {}",
        input.summary, number_range(input.min, input.max, input.unit), input.settled_by);
    if (calibration_ != nullptr) {
      const auto why = calibration_->missing.find(std::string(input.key));
      if (why != calibration_->missing.end())
        sentence += fmt::format("; {} could not measure it: {}", calibration_->path, why->second);
    }
    statements_.reject(input.key, sentence);
  }

  bool has(std::string_view key) const { return plan_.inputs.origins.contains(std::string(key)); }
  bool stated(std::string_view key) const { return statements_.find(key) != nullptr; }
  double value(double Inputs::*member) const { return plan_.inputs.value.*member; }

  void check_trace() {
    if (!stated("source.trace")) return;
    for (const auto* key : {"source.rate_per_cpu", "source.burst_rate", "source.burst_on_us",
                            "source.bursts_per_cpu_s", "source.burst_width", "source.burst_cpus"}) {
      if (!stated(key)) continue;
      statements_.reject(key,
                         "contradicts source.trace, which tells when each CPU sends; state either "
                         "the trace or rates and bursts");
    }
  }

  // All of them, or none, or one of them 0.
  void check_group(std::span<const std::string_view> keys, std::string_view what) {
    const auto states = [&](std::string_view key) { return stated(key); };
    if (std::ranges::none_of(keys, states)) return;
    const auto off = [&](std::string_view key) {
      return stated(key) && has(key) && value(find_input_key(key)->member) == 0;
    };
    if (std::ranges::any_of(keys, off)) return;
    for (const auto key : keys) {
      if (stated(key)) continue;
      const auto* input = find_input_key(key);
      statements_.reject(key, fmt::format("missing, for {} is told by {} together: {}; state {}",
                                          what, fmt::join(keys, ", "), input->summary,
                                          number_range(input->min, input->max, input->unit)));
    }
  }

  // By their values: intervals may overlap.
  void check_at_most(std::string_view small, std::string_view large, std::string_view why) {
    if (!has(small) || !has(large) || !stated(small)) return;
    const double found = value(find_input_key(small)->member);
    const double most = value(find_input_key(large)->member);
    if (found <= most) return;
    statements_.reject(
        small, fmt::format("found {}, which is above {} = {}; {}", found, large, most, why));
  }

  void check_relations() {
    check_at_most("source.record_used", "source.record_size",
                  "no more can be used of a record than is reserved for it");
    check_at_most("producer.outside_lock_ns", "producer.alone_ns", "it is a part of that time");
    cap("producer.outside_lock_ns", &Inputs::outside_lock_ns, &Inputs::alone_ns);
    check_stalls();
    check_width();
  }

  void check_stalls() {
    const double longest = plan_.inputs.high.stall_us;
    const double least = plan_.inputs.low.stall_every_us;
    if (longest == 0 || least == 0 || longest < least) return;
    statements_.reject(
        "consumer.stall_us",
        fmt::format("found up to {}, which is not below consumer.stall_every_us, "
                    "from {} on; a thread that stalls from stall to stall never reads",
                    longest, least));
  }

  void check_width() {
    if (std::ranges::none_of(kBurst, [&](std::string_view key) { return stated(key); })) {
      for (const auto* key : {"source.burst_width", "source.burst_cpus"}) {
        if (stated(key) && !stated("source.trace"))
          statements_.reject(key, fmt::format("has no meaning without bursts; state {} too",
                                              fmt::join(kBurst, ", ")));
      }
    }
    const auto cpus = static_cast<double>(plan_.cpus.size());
    if (cpus == 0 || !has("source.burst_width")) return;
    if (plan_.inputs.high.burst_width > cpus) {
      statements_.reject("source.burst_width",
                         fmt::format("found {}; allowed: at most the {} CPUs that send",
                                     plan_.inputs.high.burst_width, cpus));
    }
  }

  // Of what is not stated a part cannot be more than the whole, whatever the whole is stated to be.
  void cap(std::string_view key, double Inputs::*part, double Inputs::*whole) {
    if (stated(key)) return;
    auto& inputs = plan_.inputs;
    inputs.value.*part = std::min(inputs.value.*part, inputs.value.*whole);
    inputs.low.*part = std::min(inputs.low.*part, inputs.low.*whole);
    inputs.high.*part = std::min(inputs.high.*part, inputs.high.*whole);
  }

  void check_something_is_sent() {
    if (!has("source.rate_per_cpu") || stated("source.trace")) return;
    const auto& most = plan_.inputs.high;
    if (most.rate_per_cpu > 0 || (most.burst_rate > 0 && most.bursts_per_cpu_s > 0)) return;
    statements_.reject(
        "source.rate_per_cpu",
        "found 0, and no bursts, so that nothing is ever sent; state a rate above 0, "
        "or burst_rate, burst_on_us and bursts_per_cpu_s");
  }

  Statements& statements_;
  const Calibration* calibration_;
  Plan& plan_;
};

}  // namespace

void read_inputs(Statements& statements, const Calibration* calibration, Plan& plan) {
  InputReader(statements, calibration, plan).read();
}

void set_input(Plan& plan, std::string_view key, const Uncertain& value, Origin origin) {
  const auto member = find_input_key(key)->member;
  plan.inputs.value.*member = value.value;
  plan.inputs.low.*member = value.low;
  plan.inputs.high.*member = value.high;
  plan.inputs.origins[std::string(key)] = origin;
}

bool calibration_tells(std::string_view key, const CodePath& code_path) {
  return !key.starts_with("producer.") || code_path.name == kOwnRing;
}

}  // namespace ringbench::planner
