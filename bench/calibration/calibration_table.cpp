#include <fmt/format.h>

#include "bench/calibration/calibration_text.hpp"
#include "bench/doctor/paragraph.hpp"

namespace ringbench {
namespace {

// Three significant digits, as far as that makes sense: never with an exponent.
std::string number(double value) {
  const double size = value < 0 ? -value : value;
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string range(const Estimate& estimate) {
  return fmt::format("{} .. {}", number(estimate.low), number(estimate.high));
}

std::string levels(const Estimate& estimate) {
  if (estimate.regimes.size() < 2) return {};
  std::string text;
  for (const Regime& regime : estimate.regimes) {
    text += fmt::format("{}{} ({:.0f} %)", text.empty() ? "" : ", ", number(regime.value),
                        100 * regime.share);
  }
  return text;
}

std::string inputs(const Calibration& calibration) {
  std::string text = fmt::format("{:<24} {:>4} {:>10} {:>19} {:>7}  {}\n", "what", "unit", "median",
                                 "90 % interval", "rounds", "levels");
  for (const auto& [key, estimate] : calibration.inputs) {
    const auto row = fmt::format("{:<24} {:>4} {:>10} {:>19} {:>7}", key.key, key.unit,
                                 number(estimate.value), range(estimate), estimate.rounds);
    const auto found = levels(estimate);
    text += found.empty() ? row + '\n' : paragraph(row + "  ", found);
  }
  return text;
}

std::string pairs(const Calibration& calibration) {
  if (calibration.pairs.empty()) return {};
  std::string text =
      fmt::format("\n{:<11} {:<8} {:>10} {:>19} {:>6} {:>15} {:>14}\n", "CPUs", "nearness",
                  "latency ns", "90 % interval", "moves", "90 % interval", "TSC offset ns");
  for (const CalibratedPair& pair : calibration.pairs) {
    text += fmt::format("{:<11} {:<8} {:>10} {:>19} {:>6} {:>15} {:>14}\n",
                        fmt::format("{} {}", pair.cpus.first, pair.cpus.second),
                        kNearnessNames[static_cast<std::size_t>(pair.nearness)],
                        number(pair.latency_ns.value), range(pair.latency_ns),
                        pair.moves ? number(pair.moves->value) : "-",
                        pair.moves ? range(*pair.moves) : "-",
                        fmt::format("{:+.0f} (<={:.0f})", pair.offset_ns, pair.offset_bound_ns));
  }
  return text;
}

std::string stalls(const Stalls& found) {
  std::string text =
      "\n" + paragraph("", fmt::format("Stalls of more than {:g} us: {:.1f} a second on each CPU, "
                                       "{:.3f} % of the time, the longest "
                                       "{:.0f} us; watched for {:.1f} CPU-seconds.",
                                       kHiccupUs, found.per_s(), 100 * found.share_lost(),
                                       found.longest_us, found.watched_s));
  for (const StallBin& bin : found.histogram) {
    if (bin.count == 0) continue;
    text += fmt::format("  {:>8.0f} to {:>8.0f} us {:>8}\n", bin.from_us, bin.to_us, bin.count);
  }
  return text;
}

std::string missing(const Calibration& calibration) {
  std::string text;
  for (const auto& [key, why, mend] : calibration.missing) {
    text += paragraph(fmt::format("{:<24} ", key), why + "; " + mend);
  }
  return text.empty() ? text : "\nNot measured:\n" + text;
}

}  // namespace

std::string calibration_table(const Calibration& calibration) {
  return inputs(calibration) + pairs(calibration) + stalls(calibration.stalls) +
         missing(calibration);
}

}  // namespace ringbench
