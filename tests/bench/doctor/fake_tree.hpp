// A folder that imitates the /sys and /proc of a machine.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bench/doctor/checks.hpp"
#include "topology/machine.hpp"

namespace ringbench {

class FakeTree {
 public:
  FakeTree() {
    std::string name = (std::filesystem::temp_directory_path() / "ringbench-tree-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the fake tree");
    root_ = name;
  }
  ~FakeTree() { std::filesystem::remove_all(root_); }
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;

  // `path` as on the machine, but without the first slash.
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

// The machines that people measure on. Each can be changed before it is looked at.
void write_tuned_server(const FakeTree& tree);  // 8 CPUs, 2-7 isolated, everything quiet
void write_laptop(const FakeTree& tree);        // 8 CPUs on 4 cores, powersave, turbo, idle states
void write_guest(const FakeTree& tree);         // 2 CPUs, kvm-clock, nothing told of frequency
void write_container(const FakeTree& tree);     // as the server, cgroup v2 quota of 1.5 CPUs

inline const Finding& row(const std::vector<Finding>& findings, const std::string& check) {
  static const Finding missing;
  for (const auto& finding : findings)
    if (finding.check == check) return finding;
  ADD_FAILURE() << "no check is called " << check;
  return missing;
}

inline std::vector<Finding> look_at(const FakeTree& tree, const Machine& machine) {
  return check_machine(read_machine_facts(tree.root(), machine));
}

}  // namespace ringbench
