#include "planner/calibration.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/config/config_errors.hpp"
#include "bench/config/input_files.hpp"
#include "planner/plan_keys.hpp"

namespace ringbench::planner {
namespace {

using Json = nlohmann::json;

// A matrix of 512 CPUs, several times.
constexpr std::size_t kLargestCalibration = std::size_t{256} << 20;
constexpr std::string_view kFormat = "ringbench calibration";
constexpr int kVersion = 1;

// Reads one file, and names it and the place in it where something is wrong.
class CalibrationReader {
 public:
  explicit CalibrationReader(std::string path) : path_(std::move(path)) {}

  Calibration read() const {
    const auto document = parse();
    check_format(document);
    Calibration calibration;
    calibration.path = path_;
    calibration.host = text(document, "host", "");
    calibration.topology = text(document, "topology", "");
    for (const auto& cpu : array(document, "cpus")) calibration.cpus.push_back(cpu_of(cpu, "cpus"));
    for (const auto& input : array(document, "inputs")) read_input(input, calibration);
    for (const auto& pair : array(document, "pairs")) read_pair(pair, calibration);
    for (const auto& missing : array(document, "missing")) {
      calibration.missing[text(missing, "key", "missing")] =
          fmt::format("{}; {}", text(missing, "why", "missing"), text(missing, "mend", "missing"));
    }
    return calibration;
  }

 private:
  [[noreturn]] void refuse(std::string_view place, std::string_view why) const {
    throw std::runtime_error(fmt::format("{}: {}{}{}; make it again with './run.sh calibrate'",
                                         path_, place, place.empty() ? "" : ": ", why));
  }

  Json parse() const {
    std::string content;
    try {
      content = read_file(path_, kLargestCalibration);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(
          fmt::format("{}: the calibration cannot be read: {}; give the folder that './run.sh "
                      "calibrate' wrote, or the calibration.json in it",
                      path_, error.what()));
    }
    try {
      return Json::parse(content);
    } catch (const Json::parse_error& error) {
      refuse("", fmt::format("it is no JSON from byte {} on", error.byte));
    } catch (const Json::out_of_range&) {
      refuse("", "it holds a number that is too large for any measurement");
    }
  }

  // What is nested is not written out: it may be as deep as the file is long.
  static std::string found(const Json& value) {
    if (value.is_structured()) return value.is_array() ? "an array" : "an object";
    return printable(value.dump());
  }

  void check_format(const Json& document) const {
    if (!document.is_object()) refuse("", "it is no JSON object");
    if (text(document, "format", "") != kFormat)
      refuse("format", fmt::format("found {}; allowed: \"{}\"",
                                   ringbench::quoted(text(document, "format", "")), kFormat));
    const auto& version = field(document, "version", "");
    if (version != kVersion)
      refuse("version",
             fmt::format("found {}; this program reads version {}", found(version), kVersion));
  }

  const Json& field(const Json& object, const char* key, std::string_view place) const {
    if (!object.is_object()) refuse(place, "found no object");
    const auto at = object.find(key);
    if (at == object.end()) refuse(place, fmt::format("the field \"{}\" is missing", key));
    return *at;
  }

  std::string text(const Json& object, const char* key, std::string_view place) const {
    const auto& value = field(object, key, place);
    if (!value.is_string()) refuse(place, fmt::format("the field \"{}\" is no text", key));
    return value.get<std::string>();
  }

  const Json& array(const Json& object, const char* key) const {
    const auto& value = field(object, key, "");
    if (!value.is_array()) refuse(key, "found no array");
    return value;
  }

  unsigned cpu_of(const Json& value, std::string_view place) const {
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > std::numeric_limits<unsigned>::max())
      refuse(place, fmt::format("found {}, which is no CPU number", found(value)));
    return value.get<unsigned>();
  }

  // JSON has no NaN: it is written as null.
  double number(const Json& object, const char* key, std::string_view place) const {
    const auto& value = field(object, key, place);
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!std::isfinite(number) || number < 0)
      refuse(place, fmt::format("the field \"{}\" is {}; allowed: a finite number, not below 0",
                                key, found(value)));
    return number;
  }

  Uncertain interval(const Json& object, std::string_view place) const {
    const Uncertain read{number(object, "value", place), number(object, "low", place),
                         number(object, "high", place)};
    if (read.low > read.value || read.value > read.high)
      refuse(place, fmt::format("found low {}, value {} and high {}; allowed: low <= value <= high",
                                read.low, read.value, read.high));
    return read;
  }

  // What is measured but is no input of a plan is passed over.
  void read_input(const Json& object, Calibration& calibration) const {
    const auto key = text(object, "key", "inputs");
    const auto* input = find_input_key(key);
    if (input == nullptr) return;
    const auto value = interval(object, key);
    if (value.low < input->min || value.high > input->max)
      refuse(key, fmt::format("found {} to {}; allowed: {} to {}", value.low, value.high,
                              input->min, input->max));
    calibration.inputs[key] = value;
  }

  void read_pair(const Json& object, Calibration& calibration) const {
    CalibratedPair pair;
    pair.cpu_a = cpu_of(field(object, "cpu_a", "pairs"), "pairs");
    pair.cpu_b = cpu_of(field(object, "cpu_b", "pairs"), "pairs");
    const auto place = fmt::format("pair of CPUs {} and {}", pair.cpu_a, pair.cpu_b);
    if (pair.cpu_a == pair.cpu_b) refuse(place, "a CPU makes no pair with itself");
    pair.latency_ns = interval(field(object, "latency_ns", place), place);
    if (pair.latency_ns.low <= 0) refuse(place, "a latency is above 0");
    calibration.pairs.push_back(pair);
  }

  std::string path_;
};

}  // namespace

Calibration read_calibration(const std::string& path) {
  std::error_code ignored;
  const auto file = std::filesystem::is_directory(path, ignored)
                        ? (std::filesystem::path(path) / "calibration.json").string()
                        : path;
  return CalibrationReader(file).read();
}

}  // namespace ringbench::planner
