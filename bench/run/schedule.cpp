#include "bench/run/schedule.hpp"

#include <numeric>
#include <random>

#include "bench/run/statistics.hpp"

namespace ringbench {
namespace {

bool is_wide(const Progress& progress, const std::string& id, double wanted) {
  if (wanted == 0) return true;
  const auto found = progress.headline.find(id);
  if (found == progress.headline.end()) return true;
  const auto interval = median_interval(found->second);
  return !interval || interval->relative_half_width() > wanted;
}

bool needs(const Planned& cell, const Progress& progress, std::uint64_t round,
           const RunSettings& settings) {
  const auto found = progress.repetitions.find(cell.id);
  if (found != progress.repetitions.end() && found->second.contains(round)) return false;
  return round < settings.repetitions || is_wide(progress, cell.id, settings.interval);
}

// The standard's shuffle may differ between libraries; this one (Fisher and Yates) does not.
void shuffle(std::vector<std::size_t>& order, std::mt19937_64 random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
}

}  // namespace

std::vector<std::size_t> round_of(const std::vector<Planned>& cells, const Progress& progress,
                                  std::uint64_t round, const RunSettings& settings) {
  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, std::mt19937_64(settings.seed + round));
  std::erase_if(order, [&](std::size_t i) { return !needs(cells[i], progress, round, settings); });
  return order;
}

std::uint64_t trial_seed(std::uint64_t run_seed, const std::string& cell_id,
                         std::uint64_t repetition) {
  std::uint64_t hash = 14695981039346656037U ^ run_seed;  // FNV-1a, 64 bits
  for (const char c : cell_id + '/' + std::to_string(repetition)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return hash;
}

}  // namespace ringbench
