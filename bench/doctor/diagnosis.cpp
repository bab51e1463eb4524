#include "bench/doctor/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "bench/config/noise_limits.hpp"
#include "bench/doctor/paragraph.hpp"
#include "bench/doctor/proc_files.hpp"

namespace ringbench {
namespace {

constexpr std::array kWindowsMs{10.0, 35.0, 100.0};

std::string row(const Finding& finding) {
  const auto head = [](std::string_view first, std::string_view second) {
    return fmt::format("{:<15} {:<7} ", first, second);
  };
  std::string text = paragraph(head(finding.check, name_of(finding.verdict)), finding.found);
  if (finding.verdict == Verdict::fine) return text;
  text += paragraph(head("", "which:"), finding.effect);
  return text + paragraph(head("", "mend:"), finding.mend);
}

std::string table(std::vector<Finding> findings) {
  std::ranges::stable_sort(findings, std::ranges::greater{}, &Finding::verdict);
  std::string text = fmt::format("{:<15} {:<7} {}\n", "what", "verdict", "found");
  for (const auto& finding : findings) text += row(finding);
  return text;
}

std::string machine_line(const Diagnosis& diagnosis) {
  const auto& [facts, activity, findings] = diagnosis;
  const double ns_per_tick = 1e9 / activity.clock.hz;
  return paragraph(
      "",
      fmt::format("{}: CPUs {} on {} cores and {} NUMA node{}; time-stamp counter at {:.1f} MHz, "
                  "two reads of it take {:.0f} ns. Watched for {:g} s.",
                  facts.cpu_model, cpu_list(facts.cpus), facts.cores, facts.nodes,
                  facts.nodes == 1 ? "" : "s", activity.clock.hz / 1e6,
                  static_cast<double>(activity.clock.timer_pair_ticks) * ns_per_tick,
                  activity.noise.seconds));
}

std::string cpu_rows(const Activity& activity) {
  std::string text =
      fmt::format("{:>5} {:>10} {:>11} {:>8} {:>9} {:>10} {:>10} {:>10}\n", "CPU", "hiccups/s",
                  "longest us", "lost %", "steal %", "switches/s", "timer/s", "device/s");
  const double seconds = activity.noise.seconds;
  for (const auto& cpu : activity.noise.cpus) {
    const auto per_s = [&](std::uint64_t count) { return static_cast<double>(count) / seconds; };
    const auto counted = activity.counted.find(cpu.cpu);
    const auto kernel = counted == activity.counted.end() ? CpuCounters{} : counted->second;
    text +=
        fmt::format("{:>5} {:>10.1f} {:>11.0f} {:>8.3f} {:>9.2f} {:>10.1f} {:>10.0f} {:>10.0f}\n",
                    cpu.cpu, per_s(cpu.hiccups), cpu.longest_us, cpu.hiccup_us / seconds / 1e4,
                    kernel.steal_s / seconds * 100, per_s(cpu.involuntary_switches),
                    per_s(kernel.timer), per_s(kernel.devices));
  }
  return text;
}

std::string chances(const std::string& whose, const NoiseFacts& noise) {
  std::string text;
  for (const double window : kWindowsMs) {
    text += fmt::format("{}{:.0f} % of the windows of {:g} ms", text.empty() ? "" : ", ",
                        clean_chance(noise, window) * 100, window);
  }
  return fmt::format("On {}, {} had no hiccup. ", whose, text);
}

std::string advice(const NoiseFacts& noise) {
  constexpr double kWantedMs = 100;
  constexpr std::uint64_t kRepetitions = 5;
  const double tolerated = NoiseLimits{}.hiccup_share;
  const Advice advice = advise(noise, kWantedMs, kRepetitions, tolerated);
  return fmt::format(
      "A trial may lose {:g} % of its window ([noise] hiccup_share); duration_ms = {:g} with {} "
      "repetitions suits this noise: {:.0f} % of such windows stayed below.",
      tolerated * 100, advice.duration_ms, advice.repetitions, advice.clean_chance * 100);
}

std::string noise_words(const NoiseFacts& noise) {
  const auto two = noisiest_two(noise);
  std::string text =
      chances(two.cpus.size() == 1     ? "the one CPU"
              : noise.cpus.size() == 2 ? "both CPUs together"
                                       : fmt::format("the two noisiest CPUs ({} and {}) together",
                                                     two.cpus[0].cpu, two.cpus[1].cpu),
              two);
  if (noise.cpus.size() > 2)
    text += chances(fmt::format("all {} CPUs together", noise.cpus.size()), noise);
  return paragraph("", text + advice(two));
}

std::string last_line(const std::vector<Finding>& findings) {
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(findings, verdict, &Finding::verdict);
  };
  const auto spoiling = count(Verdict::spoils), noted = count(Verdict::note);
  const auto tail = fmt::format("{} to note, {} fine.\n", noted, count(Verdict::fine));
  if (spoiling == 0) return "Nothing would spoil a measurement here; " + tail;
  return fmt::format("{} thing{} would spoil a measurement here; {}", spoiling,
                     spoiling == 1 ? "" : "s", tail);
}

nlohmann::ordered_json json_of(const NoiseFacts& noise) {
  auto chance = nlohmann::ordered_json::object();
  for (const double window : kWindowsMs)
    chance[fmt::format("{:g}", window)] = clean_chance(noise, window);
  const Advice advised = advise(noise, 100, 5, NoiseLimits{}.hiccup_share);
  return {{"clean_chance_by_window_ms", chance},
          {"duration_ms", advised.duration_ms},
          {"repetitions", advised.repetitions}};
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames{"fine", "note", "spoils"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

Diagnosis diagnose(const Machine& machine, double seconds) {
  Diagnosis diagnosis;
  // Before the clock is watched, which is a load of its own.
  diagnosis.facts = read_machine_facts("/", machine);
  diagnosis.activity = watch_activity(machine, seconds);
  diagnosis.findings = check_machine(diagnosis.facts);
  std::ranges::move(check_activity(diagnosis.activity), std::back_inserter(diagnosis.findings));
  return diagnosis;
}

bool any_spoils(const std::vector<Finding>& findings) {
  return std::ranges::find(findings, Verdict::spoils, &Finding::verdict) != findings.end();
}

std::string in_a_line(const Finding& finding) {
  const auto mend = finding.mend.empty() ? "" : "; mend: " + finding.mend;
  return fmt::format("{}: {}{}", finding.check, finding.found, mend);
}

std::string as_text(const Diagnosis& diagnosis) {
  const auto& noise = diagnosis.activity.noise;
  return machine_line(diagnosis) + '\n' + table(diagnosis.findings) + '\n' +
         cpu_rows(diagnosis.activity) + '\n' + noise_words(noise) + '\n' +
         last_line(diagnosis.findings);
}

std::string as_json(const Diagnosis& diagnosis) {
  const auto& noise = diagnosis.activity.noise;
  nlohmann::ordered_json json{{"spoils", any_spoils(diagnosis.findings)}};
  json["seconds"] = noise.seconds;
  json["hiccups_per_s"] = hiccups_per_s(noise);
  json["longest_hiccup_us"] = longest_hiccup_us(noise);
  json["share_lost"] = share_lost(noise);
  json["two_cpus"] = json_of(noisiest_two(noise));
  json["all_cpus"] = json_of(noise);
  for (const auto& finding : diagnosis.findings) {
    json["findings"].push_back({{"check", finding.check},
                                {"verdict", name_of(finding.verdict)},
                                {"found", finding.found},
                                {"effect", finding.effect},
                                {"mend", finding.mend}});
  }
  for (const auto& cpu : noise.cpus) {
    const auto counted = diagnosis.activity.counted.at(cpu.cpu);
    json["cpus"].push_back({{"cpu", cpu.cpu},
                            {"hiccups", cpu.hiccups},
                            {"hiccup_us", cpu.hiccup_us},
                            {"longest_us", cpu.longest_us},
                            {"involuntary_switches", cpu.involuntary_switches},
                            {"steal_s", counted.steal_s},
                            {"timer_interrupts", counted.timer},
                            {"device_interrupts", counted.devices},
                            {"other_interrupts", counted.other}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace ringbench
