// How a table of checks becomes findings.
#pragma once

#include <span>

#include "bench/doctor/checks.hpp"

namespace ringbench {

// What a check says of one machine.
struct Judgement {
  Verdict verdict = Verdict::fine;
  std::string found;
  std::string mend{};
};

template <class Seen>
struct Check {
  const char* name;
  const char* effect;
  Judgement (*judge)(const Seen&);
};

template <class Seen>
std::vector<Finding> apply(std::span<const Check<Seen>> checks, const Seen& seen) {
  std::vector<Finding> findings;
  for (const auto& check : checks) {
    Judgement judgement = check.judge(seen);
    if (judgement.verdict == Verdict::fine) judgement.mend.clear();
    findings.push_back({check.name, judgement.verdict, std::move(judgement.found), check.effect,
                        std::move(judgement.mend)});
  }
  return findings;
}

}  // namespace ringbench
