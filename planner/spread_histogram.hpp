// Values that come as straight lines: so many records, spread evenly from one value to another.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ringbench::planner {

// Bins are 1/64 of an octave's lower end wide, from 2^-30 (1 ns, in seconds) to 2^50; what is below
// counts as between 0 and that. Adding takes the same time however many bins a line crosses: the
// bins between its ends get a density, which is summed up when a quantile is asked for.
class SpreadHistogram {
 public:
  SpreadHistogram() : in_bin_(kBins + 1), step_(kBins + 1) {}

  void add(double records, double from, double to) {
    const auto low = from < to ? from : to, high = from < to ? to : from;
    records_ += records;
    sum_ += records * (low + high) / 2;
    if (high > largest_ && records > 0) largest_ = high;
    const auto first = bin_of(low), last = bin_of(high);
    if (first == last) {
      in_bin_[first] += records;
      return;
    }
    const auto density = records / (high - low);
    in_bin_[first] += density * (begin_of(first + 1) - low);
    in_bin_[last] += density * (high - begin_of(last));
    if (first + 1 == last) return;  // no whole bin between, and a density without bound
    step_[first + 1] += density;
    step_[last] -= density;
  }

  double records() const { return records_; }
  double mean() const { return records_ > 0 ? sum_ / records_ : 0; }
  double largest() const { return largest_; }
  double quantile(double fraction) const;  // 0 for no records

 private:
  static constexpr int kShift = 52 - 6;  // leaves exponent and 6 bits of the mantissa
  static constexpr std::uint64_t kFirst = std::bit_cast<std::uint64_t>(0x1p-30) >> kShift;
  static constexpr std::size_t kBins = std::size_t{80} * 64 + 1;

  static std::size_t bin_of(double value) {
    if (value < 0x1p-30) return 0;
    const auto bin = (std::bit_cast<std::uint64_t>(value) >> kShift) - kFirst + 1;
    return bin < kBins ? bin : kBins - 1;
  }
  static double begin_of(std::size_t bin) {
    return bin == 0 ? 0 : std::bit_cast<double>((bin - 1 + kFirst) << kShift);
  }

  std::vector<double> in_bin_;
  std::vector<double> step_;  // of the density, where a bin begins
  double records_ = 0, sum_ = 0, largest_ = 0;
};

}  // namespace ringbench::planner
