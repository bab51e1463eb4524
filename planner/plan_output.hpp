// A plan's answer, for people and for programs (docs/planning.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "planner/crossover.hpp"
#include "planner/recommendation.hpp"

namespace ringbench::planner {

struct Answer {
  Plan plan;
  std::vector<Assessment> assessments;
  Recommendation recommendation;
  std::vector<Crossover> crossovers;
  std::string command;  // that made it
};

std::string as_text(const Answer& answer);
nlohmann::ordered_json as_json(const Answer& answer);

// What is sent, in a sentence.
std::string workload_words(const Plan& plan);

std::string_view words_of(Origin origin);
std::string_view words_of(Kind kind);
std::string_view words_of(LockKind lock);

}  // namespace ringbench::planner
