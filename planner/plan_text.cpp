#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "planner/number_words.hpp"
#include "planner/plan_output.hpp"

namespace ringbench::planner {
namespace {

constexpr std::size_t kWidth = 100;

// A paragraph in lines of at most kWidth characters, no number parted from its unit.
std::string folded(std::string_view text, std::string_view indent) {
  std::string lines(indent), word;
  auto column = indent.size();
  const auto put = [&] {
    if (word.empty()) return;
    if (column + 1 + word.size() > kWidth && column > indent.size()) {
      lines += "\n" + std::string(indent);
      column = indent.size();
    }
    if (column > indent.size()) lines += ' ', ++column;
    lines += word;
    column += word.size();
    word.clear();
  };
  for (const auto letter : text) {
    if (letter == ' ' && (word.empty() || std::isdigit(word.back()) == 0))
      put();
    else
      word += letter;
  }
  put();
  return lines + "\n";
}

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; the first to the left, the others to the right.
std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], widths[i]);
    text += '\n';
  }
  return text;
}

std::string interval(const Assessment& one, double Figures::*member, std::string_view unit) {
  const auto value = in_unit(one.value.*member, unit);
  const auto low = in_unit(one.low.*member, unit), high = in_unit(one.high.*member, unit);
  return low == value && high == value ? value : fmt::format("{} [{}, {}]", value, low, high);
}

std::string mark(const Answer& answer, std::size_t index) {
  if (answer.recommendation.recommended == index) return "=> ";
  if (answer.recommendation.nearest == index) return "~> ";
  return answer.assessments[index].missed.empty() ? "   " : " x ";
}

std::string layouts_table(const Answer& answer) {
  std::vector<Row> rows{{"   layout", "threads", "lost", "reserve p50", "p99", "event", "delay p50",
                         "p99", "reordered", "extent", "held", "mapped", "RSS", "limit", "basis"}};
  for (std::size_t i = 0; i < answer.assessments.size(); ++i) {
    const auto& one = answer.assessments[i];
    rows.push_back({mark(answer, i) + one.layout.name, std::to_string(one.layout.consumers),
                    interval(one, &Figures::drop_fraction, "ratio"),
                    in_ns(one.value.reserve_p50_ns), interval(one, &Figures::reserve_p99_ns, "ns"),
                    in_ns(one.value.event_mean_ns), in_ns(one.value.delay_p50_us * 1e3),
                    interval(one, &Figures::delay_p99_us, "us"),
                    in_percent(one.value.reordered_ratio), in_count(one.value.reorder_extent),
                    in_bytes(static_cast<double>(one.memory.held)),
                    in_bytes(static_cast<double>(one.memory.mapped)),
                    in_bytes(static_cast<double>(one.memory.resident)),
                    std::string(words_of(one.limit)), std::string(words_of(one.basis))});
  }
  return table(rows);
}

// What of it changes, to three digits.
std::string effects(const Figures& before, const Figures& after) {
  std::string text;
  for (const auto& key : figure_keys()) {
    const auto from = in_unit(before.*key.member, key.unit);
    const auto to = in_unit(after.*key.member, key.unit);
    if (from == to || key.unit == "records/s") continue;
    text += fmt::format("{}{}: {} to {}", text.empty() ? "" : "; ", key.words, from, to);
  }
  return text.empty() ? "no figure changes" : text;
}

std::string changes_text(const std::vector<Change>& changes) {
  if (changes.empty()) return "  Nothing that is tried makes anything better by more than 5 %.\n";
  std::string text;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& [words, key, from, to, before, after] = changes[i];
    text += folded(fmt::format("{}. {}. {}.", i + 1, words, effects(before, after)), "  ");
  }
  return text;
}

// Layouts that the same sentence is true of are told together.
std::string limits_text(const std::vector<Assessment>& assessments) {
  std::vector<std::pair<std::string, const Assessment*>> groups;  // their names
  for (const auto& one : assessments) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return group.second->limit_words == one.limit_words;
    });
    if (same == groups.end())
      groups.emplace_back(one.layout.name, &one);
    else
      same->first += "; " + one.layout.name;
  }
  std::string text;
  for (const auto& [names, one] : groups) {
    text += folded(fmt::format("{}: {}", names, words_of(one->limit)), "  ");
    text += folded(one->limit_words, "    ");
  }
  return text;
}

}  // namespace

std::string as_text(const Answer& answer) {
  const auto& [plan, assessments, recommendation, crossovers, command] = answer;
  const auto& one = assessments[recommendation.looked_at()];
  std::string text = plan.title + "\n\n";
  text += folded(fmt::format("On {}, {}, lock {}: {}.", plan.machine_words, plan.code_path->name,
                             words_of(plan.lock), workload_words(plan)),
                 "");
  text += fmt::format("\n{}: {}\n", recommendation.recommended ? "Take" : "Nothing fits; nearest",
                      one.layout.name);
  text += folded(recommendation.why, "  ");
  text += folded(fmt::format("Basis: {}. {}", words_of(one.basis), one.basis_words), "  ");
  text += "\nSettings\n";
  for (const auto& line : settings_of(one.layout)) text += "  " + line + "\n";
  text +=
      "\nAll layouts (expected [90 % interval]; => taken, ~> nearest, x misses a target;\nevent: "
      "reserve, commit and notification, mean of the producer's cost of a record)\n";
  text += layouts_table(answer);
  text += "\nWhat limits each\n" + limits_text(assessments);
  if (!crossovers.empty()) text += "\nOne ring for many CPUs, or one for each\n";
  for (const auto& crossover : crossovers) text += folded(crossover.words, "  ");
  text += fmt::format("\nWhat to change first ({})\n", one.layout.name) +
          changes_text(recommendation.changes);
  text += "\nWhat is not known\n";
  text += recommendation.decisive
              ? folded(recommendation.decisive->words, "  ") +
                    folded(fmt::format("To settle {}: {}", recommendation.decisive->key,
                                       recommendation.decisive->measurement),
                           "  ")
              : "  No input that is uncertain moves a figure by more than 5 %.\n";
  if (plan.merges)
    text += fmt::format("\nMerge into order: holds {} records on average and adds {} of delay.\n",
                        in_count(one.value.merge_held), in_ns(one.value.merge_delay_us * 1e3));
  if (!recommendation.remarks.empty()) text += "\nRemarks\n";
  for (const auto& remark : recommendation.remarks) text += folded(remark, "  ");
  return text;
}

}  // namespace ringbench::planner
