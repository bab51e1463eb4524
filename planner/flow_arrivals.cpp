#include "planner/flow_arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ringbench::planner {

Arrivals::Arrivals(const FlowSources& sources, const std::vector<unsigned>& ring_of_cpu,
                   unsigned rings, std::uint64_t seed)
    : sources_(sources),
      ring_of_cpu_(ring_of_cpu),
      rates_(rings),
      random_(seed),
      next_burst_(std::numeric_limits<double>::infinity()),
      deck_(sources.cpus),
      until_(sources.cpus),
      off_in_(rings),
      on_in_(rings) {
  std::iota(deck_.begin(), deck_.end(), 0U);
  if (!sources.trace.empty()) {
    if (sources.from_any_bin) first_bin_ = random_() % sources.trace.size();
    play_bin();
    return;
  }
  for (const auto ring : ring_of_cpu) ++off_in_[ring];
  for (unsigned ring = 0; ring < rings; ++ring) rates_[ring] = off_in_[ring] * sources.rate;
  if (sources.bursts_per_s > 0) next_burst_ = gap();
}

double Arrivals::next() const {
  if (!sources_.trace.empty()) return static_cast<double>(bin_) * sources_.bin_s;
  return ends_.empty() ? next_burst_ : std::min(next_burst_, ends_.front().time);
}

const std::vector<unsigned>& Arrivals::change(double now) {
  changed_.clear();
  if (!sources_.trace.empty()) {
    if (next() <= now) play_bin();
    return changed_;
  }
  for (; !ends_.empty() && ends_.front().time <= now; ends_.pop_front()) {
    const auto [time, cpu] = ends_.front();
    if (until_[cpu] == time) switch_cpu(cpu, false);  // else it was hit again
  }
  if (next_burst_ <= now) begin_burst(now);
  return changed_;
}

double Arrivals::rate_of_first() const {
  if (!sources_.trace.empty()) return played(bin_ - 1).front();
  return until_.front() > 0 ? sources_.burst_rate : sources_.rate;
}

void Arrivals::play_bin() {
  const auto& bin = played(bin_++);
  std::ranges::fill(rates_, 0);
  on_ = 0;
  for (unsigned cpu = 0; cpu < sources_.cpus; ++cpu) {
    rates_[ring_of_cpu_[cpu]] += bin[cpu];
    on_ += bin[cpu] > 0;
  }
  changed_.resize(rates_.size());
  std::iota(changed_.begin(), changed_.end(), 0U);
}

void Arrivals::begin_burst(double now) {
  next_burst_ = now + gap();
  const auto draw = [&](unsigned below) { return static_cast<unsigned>(random_() % below); };
  if (!sources_.scattered) {
    const auto first = draw(sources_.cpus);
    for (unsigned i = 0; i < sources_.width; ++i) hit((first + i) % sources_.cpus, now);
    return;
  }
  for (unsigned i = 0; i < sources_.width; ++i) {
    std::swap(deck_[i], deck_[i + draw(sources_.cpus - i)]);
    hit(deck_[i], now);
  }
}

void Arrivals::hit(unsigned cpu, double now) {
  if (until_[cpu] == 0) switch_cpu(cpu, true);
  until_[cpu] = now + sources_.on_s;
  ends_.push_back({until_[cpu], cpu});
}

void Arrivals::switch_cpu(unsigned cpu, bool on) {
  const auto ring = ring_of_cpu_[cpu];
  if (!on) until_[cpu] = 0;
  if (on) {
    ++on_in_[ring], --off_in_[ring], ++on_;
  } else {
    --on_in_[ring], ++off_in_[ring], --on_;
  }
  rates_[ring] = off_in_[ring] * sources_.rate + on_in_[ring] * sources_.burst_rate;
  changed_.push_back(ring);
}

// To the next burst. 53 bits, and never the logarithm of 0.
double Arrivals::gap() {
  const auto uniform = (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
  return -std::log(uniform) / sources_.bursts_per_s;
}

}  // namespace ringbench::planner
