// Plans for tests: a folder of their own, a plan that is complete, and what is wrong with one.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/config/config.hpp"
#include "planner/plan_file.hpp"

namespace ringbench::planner {

class PlanFiles : public testing::Test {
 protected:
  PlanFiles()
      : folder_(std::filesystem::temp_directory_path() /
                ("plan_files." +
                 std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "." +
                 std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~PlanFiles() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  Plan read(const std::string& text, std::vector<std::string> what_if = {}) const {
    PlanRequest request;
    request.file = write("p.toml", text);
    request.what_if = std::move(what_if);
    return read_plan(request);
  }

  // Each error without the folder of the file.
  std::vector<std::string> errors_of(const std::string& text,
                                     std::vector<std::string> what_if = {}) const {
    try {
      read(text, std::move(what_if));
    } catch (const ConfigError& error) {
      return without_folder(error.errors());
    }
    return {};
  }

  std::vector<std::string> without_folder(std::vector<std::string> errors) const {
    const auto folder = folder_.string() + "/";
    for (auto& error : errors)
      for (auto at = error.find(folder); at != std::string::npos; at = error.find(folder))
        error.erase(at, folder.size());
    return errors;
  }

  std::filesystem::path folder_;
};

// A plan without [[layout]] and [target]; with them it is complete.
inline const std::string kPlanHead = R"(
[machine]
topology = "package:2 [numa] l3:2 core:2 pu:1"
code_path = "linux-6.10"
[source]
rate_per_cpu = 1000
record_size = 100
[consumer]
ns_per_record = 500
)";
inline const std::string kSharedLayout = R"(
[[layout]]
kind = "shared"
total = "1 MiB"
)";
inline const std::string kPlan = kPlanHead + kSharedLayout;

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("not there: " + what);
  return text.replace(at, what.size(), with);
}

}  // namespace ringbench::planner
