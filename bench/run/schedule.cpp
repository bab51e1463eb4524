#include "bench/run/schedule.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "bench/run/statistics.hpp"

namespace ringbench {
namespace {

bool is_wide(const Planned& cell, const Progress& progress, double wanted) {
  return wanted == 0 || progress.relative_half_width(cell.id) > wanted;
}

bool is_due(const Planned& cell, const Progress& progress, std::uint64_t round,
            const RunSettings& settings) {
  return progress.attempts(cell.id, round) == 0 &&
         (round < cell.repetitions || is_wide(cell, progress, settings.interval));
}

bool is_due_again(const Planned& cell, const Progress& progress, std::uint64_t round,
                  std::uint64_t attempt) {
  return progress.attempts(cell.id, round) == attempt && attempt < cell.spec.noise.attempts &&
         !progress.is_settled(cell.id, round) && lasting_doubt(cell.spec).empty() &&
         (round == 0 || progress.was_ok_before(cell.id, round));
}

// The standard's shuffle may differ between libraries; this one (Fisher and Yates) does not.
void shuffle(std::vector<std::size_t>& order, std::mt19937_64 random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
}

}  // namespace

void Progress::add(const TrialKey& key, Status status, std::optional<double> headline) {
  auto& cell = cells_[key.cell_id];
  auto& repetition = cell.repetitions[key.repetition];
  repetition.attempts = std::max(repetition.attempts, key.attempt + 1);
  repetition.settled = repetition.settled || status != Status::tainted;
  if (status == Status::ok)
    cell.first_ok = std::min(cell.first_ok.value_or(key.repetition), key.repetition);
  cell.half_width.reset();
  if (!headline || status == Status::failed) return;
  (status == Status::ok ? cell.ok : cell.tainted).push_back(*headline);
}

const Progress::Repetition* Progress::find(const std::string& cell_id,
                                           std::uint64_t repetition) const {
  const auto cell = cells_.find(cell_id);
  if (cell == cells_.end()) return nullptr;
  const auto found = cell->second.repetitions.find(repetition);
  return found == cell->second.repetitions.end() ? nullptr : &found->second;
}

std::uint64_t Progress::attempts(const std::string& cell_id, std::uint64_t repetition) const {
  const auto* found = find(cell_id, repetition);
  return found == nullptr ? 0 : found->attempts;
}

bool Progress::is_settled(const std::string& cell_id, std::uint64_t repetition) const {
  const auto* found = find(cell_id, repetition);
  return found != nullptr && found->settled;
}

bool Progress::was_ok_before(const std::string& cell_id, std::uint64_t repetition) const {
  const auto cell = cells_.find(cell_id);
  return cell != cells_.end() && cell->second.first_ok && *cell->second.first_ok < repetition;
}

const std::vector<double>& Progress::headlines(const std::string& cell_id) const {
  static const std::vector<double> none;
  const auto cell = cells_.find(cell_id);
  if (cell == cells_.end()) return none;
  return cell->second.ok.empty() ? cell->second.tainted : cell->second.ok;
}

double Progress::relative_half_width(const std::string& cell_id) const {
  const auto cell = cells_.find(cell_id);
  if (cell == cells_.end()) return std::numeric_limits<double>::infinity();
  auto& half_width = cell->second.half_width;
  if (!half_width) {
    const auto interval = median_interval(headlines(cell_id));
    half_width =
        interval ? interval->relative_half_width() : std::numeric_limits<double>::infinity();
  }
  return *half_width;
}

std::vector<std::size_t> pass_of(const std::vector<Planned>& cells, const Progress& progress,
                                 std::uint64_t round, std::uint64_t attempt,
                                 const RunSettings& settings) {
  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::seed_seq seed{settings.seed, settings.seed >> 32, round, attempt};
  shuffle(order, std::mt19937_64(seed));
  std::erase_if(order, [&](std::size_t i) {
    return attempt == 0 ? !is_due(cells[i], progress, round, settings)
                        : !is_due_again(cells[i], progress, round, attempt);
  });
  return order;
}

bool is_complete(const std::vector<Planned>& cells, const Progress& progress,
                 const RunSettings& settings) {
  return std::ranges::all_of(cells, [&](const Planned& cell) {
    const auto rounds = std::max(cell.repetitions, settings.max_repetitions);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const auto attempt = progress.attempts(cell.id, round);
      if (attempt == 0 ? is_due(cell, progress, round, settings)
                       : is_due_again(cell, progress, round, attempt))
        return false;
    }
    return true;
  });
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
