#include <nlohmann/json.hpp>

#include "bench/calibration/calibration_text.hpp"

namespace ringbench {
namespace {

using Json = nlohmann::ordered_json;

Json interval(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

Json to_json(const CalibratedInput& input) {
  const auto& [key, estimate] = input;
  Json json{{"key", key.key}, {"unit", key.unit}};
  json.update(interval(estimate));
  json["rounds"] = estimate.rounds;
  json["regimes"] = Json::array();
  for (const Regime& regime : estimate.regimes) {
    json["regimes"].push_back({{"value", regime.value}, {"share", regime.share}});
  }
  json["how"] = key.how;
  return json;
}

Json to_json(const CalibratedPair& pair) {
  return {{"cpu_a", pair.cpus.first},
          {"cpu_b", pair.cpus.second},
          {"nearness", kNearnessNames[static_cast<std::size_t>(pair.nearness)]},
          {"latency_ns", interval(pair.latency_ns)},
          {"moves", pair.moves ? interval(*pair.moves) : Json(nullptr)},
          {"offset_ns", pair.offset_ns},
          {"offset_bound_ns", pair.offset_bound_ns}};
}

Json to_json(const Stalls& stalls) {
  Json bins = Json::array();
  for (const StallBin& bin : stalls.histogram) {
    bins.push_back({{"from_us", bin.from_us}, {"to_us", bin.to_us}, {"count", bin.count}});
  }
  return {{"watched_s", stalls.watched_s},
          {"per_s", stalls.per_s()},
          {"share_lost", stalls.share_lost()},
          {"longest_us", stalls.longest_us},
          {"histogram", bins}};
}

Json to_json(const Missing& missing) {
  return {{"key", missing.key}, {"why", missing.why}, {"mend", missing.mend}};
}

template <class Values>
Json list_of(const Values& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(to_json(value));
  return list;
}

}  // namespace

std::string calibration_json(const Calibration& calibration) {
  const Json json{{"format", "ringbench calibration"},
                  {"version", 1},
                  {"date", calibration.date},
                  {"host", calibration.host},
                  {"seconds", calibration.seconds},
                  {"rounds", calibration.rounds},
                  {"tsc_hz", calibration.tsc_hz},
                  {"revision", calibration.revision},
                  {"kernel", calibration.kernel},
                  {"topology", calibration.topology},
                  {"cpus", calibration.cpus},
                  {"inputs", list_of(calibration.inputs)},
                  {"pairs", list_of(calibration.pairs)},
                  {"stalls", to_json(calibration.stalls)},
                  {"missing", list_of(calibration.missing)},
                  {"remarks", calibration.remarks}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace ringbench
