#include <algorithm>
#include <nlohmann/json.hpp>

#include "planner/plan_keys.hpp"
#include "planner/plan_output.hpp"
#include "planner/workload.hpp"

namespace ringbench::planner {
namespace {

using Json = nlohmann::ordered_json;

Json machine_json(const Plan& plan) {
  std::vector<unsigned> packages;
  for (const auto& cpu : plan.machine.cpus) packages.push_back(cpu.package);
  std::sort(packages.begin(), packages.end());
  packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
  return {{"words", plan.machine_words},
          {"cpus", plan.cpus.size()},
          {"nodes", plan.machine.nodes.size()},
          {"packages", packages.size()},
          {"code_path", plan.code_path->name},
          {"lock", words_of(plan.lock)},
          {"latency", plan.latencies ? "matrix" : "by class"}};
}

Json inputs_json(const InputSet& inputs) {
  Json rows = Json::array();
  for (const auto& key : input_keys()) {
    const auto found = inputs.origins.find(std::string(key.key));
    const auto origin = found == inputs.origins.end() ? Origin::assumed : found->second;
    rows.push_back({{"key", key.key},
                    {"value", inputs.value.*key.member},
                    {"low", inputs.low.*key.member},
                    {"high", inputs.high.*key.member},
                    {"unit", key.unit},
                    {"origin", words_of(origin)},
                    {"summary", key.summary}});
  }
  return rows;
}

Json targets_json(const Targets& targets) {
  Json rows = Json::array();
  for (const auto& key : figure_keys()) {
    if (key.target == nullptr || !(targets.*key.target)) continue;
    rows.push_back({{"key", key.key},
                    {"words", key.words},
                    {"unit", key.unit},
                    {"limit", *(targets.*key.target)}});
  }
  if (targets.memory_bytes)
    rows.push_back({{"key", "memory"},
                    {"words", "memory held"},
                    {"unit", "bytes"},
                    {"limit", *targets.memory_bytes}});
  return rows;
}

Json figure_keys_json() {
  Json rows = Json::array();
  for (const auto& key : figure_keys())
    rows.push_back({{"key", key.key}, {"words", key.words}, {"unit", key.unit}});
  return rows;
}

Json layout_json(const Assessment& one) {
  const auto& layout = one.layout;
  Json figures = Json::object();
  for (const auto& key : figure_keys())
    figures[std::string(key.key)] = {{"value", one.value.*key.member},
                                     {"low", one.low.*key.member},
                                     {"high", one.high.*key.member}};
  return {{"name", layout.name},
          {"kind", words_of(layout.kind)},
          {"rings", layout.rings},
          {"cpus_per_ring", layout.cpus_per_ring},
          {"mapping", layout.mapping},
          {"consumers", layout.consumers},
          {"ring_bytes", layout.ring_bytes},
          {"total_bytes", layout.total_bytes()},
          {"basis", words_of(one.basis)},
          {"basis_words", one.basis_words},
          {"figures", figures},
          {"memory",
           {{"held", one.memory.held},
            {"mapped", one.memory.mapped},
            {"resident", one.memory.resident}}},
          {"limit", words_of(one.limit)},
          {"limit_words", one.limit_words},
          {"missed", one.missed},
          {"unsure", one.unsure},
          {"pareto", one.pareto},
          {"settings", settings_of(layout)}};
}

Json changes_json(const std::vector<Change>& changes) {
  Json rows = Json::array();
  for (const auto& change : changes) {
    Json figures = Json::object();
    for (const auto& key : figure_keys())
      figures[std::string(key.key)] = {{"before", change.before.*key.member},
                                       {"after", change.after.*key.member}};
    rows.push_back({{"words", change.words},
                    {"key", change.key},
                    {"from", change.from},
                    {"to", change.to},
                    {"figures", figures}});
  }
  return rows;
}

Json crossovers_json(const std::vector<Crossover>& crossovers) {
  Json rows = Json::array();
  for (const auto& one : crossovers)
    rows.push_back({{"wide", one.wide},
                    {"narrow", one.narrow},
                    {"burst_width", {{"value", one.width}, {"low", one.low}, {"high", one.high}}},
                    {"words", one.words}});
  return rows;
}

Json index_json(const std::optional<std::size_t>& index) {
  return index ? Json(*index) : Json(nullptr);
}

}  // namespace

Json as_json(const Answer& answer) {
  const auto& [plan, assessments, recommendation, crossovers, command] = answer;
  Json layouts = Json::array();
  for (const auto& one : assessments) layouts.push_back(layout_json(one));
  Json decisive = nullptr;
  if (recommendation.decisive)
    decisive = {{"key", recommendation.decisive->key},
                {"words", recommendation.decisive->words},
                {"measurement", recommendation.decisive->measurement}};
  return {{"format", "ringbench plan"},
          {"version", 1},
          {"plan",
           {{"path", plan.path},
            {"title", plan.title},
            {"seed", plan.seed},
            {"seconds", plan.seconds},
            {"draws", plan.draws},
            {"command", command}}},
          {"machine", machine_json(plan)},
          {"workload",
           {{"words", workload_words(plan)},
            {"records_per_s", offered_records_per_s(plan, plan.inputs.value)},
            {"in_burst_records_per_s", burst_records_per_s(plan, plan.inputs.value)}}},
          {"inputs", inputs_json(plan.inputs)},
          {"targets", targets_json(plan.targets)},
          {"figures", figure_keys_json()},
          {"layouts", layouts},
          {"recommended", index_json(recommendation.recommended)},
          {"nearest", index_json(recommendation.nearest)},
          {"why", recommendation.why},
          {"crossovers", crossovers_json(crossovers)},
          {"changes", changes_json(recommendation.changes)},
          {"decisive", decisive},
          {"remarks", recommendation.remarks}};
}

}  // namespace ringbench::planner
