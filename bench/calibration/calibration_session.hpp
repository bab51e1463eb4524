// A calibration from the command line to its file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/calibration/calibration.hpp"
#include "topology/machine.hpp"

namespace ringbench {

inline constexpr double kDefaultCalibrationS = 20;
inline constexpr double kShortestCalibrationS = 1;
inline constexpr double kLongestCalibrationS = 60;

// OS indices from a list as Linux writes them, e.g. 0-3,8; empty: all of the machine. Throws
// ConfigError for what is no list and for CPUs that the machine does not have or allow.
std::vector<unsigned> calibrated_cpus(const Machine& machine, const std::string& list);

// Rounds until `seconds` are over, at least kEnoughRounds; tells on stderr how it goes. Nothing: it
// was interrupted. Throws std::runtime_error where rounds fail again and again.
std::optional<Calibration> calibrate(const Machine& machine, std::vector<unsigned> cpus,
                                     double seconds);

// The folder for the file. It is made at once, so that a place that cannot be written to is refused
// before anything is measured, and removed again if nothing was put into it.
class CalibrationFolder {
 public:
  // Throws StoreError where it cannot be made, or holds a calibration already.
  explicit CalibrationFolder(std::filesystem::path folder);
  ~CalibrationFolder();
  CalibrationFolder(const CalibrationFolder&) = delete;
  CalibrationFolder& operator=(const CalibrationFolder&) = delete;

  // The whole file or nothing. Returns its path. Throws StoreError.
  std::filesystem::path put(const std::string& json);

 private:
  std::filesystem::path folder_;
  bool is_ours_ = false;  // made here
};

// All of it, with the table on stdout; returns the exit code.
int run_calibration(const std::string& cpu_list, double seconds, const std::string& folder);

}  // namespace ringbench
