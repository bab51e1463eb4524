// A log-linear histogram of non-negative integers: exact below 128, then 64 buckets for each power
// of two, so that no bucket is wider than 1/64 of its values (the scheme of G. Tene's
// HdrHistogram). Recording is a shift, an add and no allocation.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace ringbench {

class Histogram {
 public:
  struct Bucket {
    std::uint64_t lower = 0;  // both ends belong to the bucket
    std::uint64_t upper = 0;
    std::uint64_t count = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  // The whole of a histogram in few numbers, for another process.
  struct State {
    std::map<std::size_t, std::uint64_t> counts;  // by bucket; those that are not zero
    std::uint64_t count = 0;
    std::uint64_t max = 0;
    double sum = 0;
  };

  Histogram() : counts_(kBuckets) {}
  explicit Histogram(const State& state);
  State state() const;

  void record(std::uint64_t value, std::uint64_t times = 1) {
    counts_[index_of(value)] += times;
    count_ += times;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
    max_ = std::max(max_, value);
  }
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }  // exact; 0 when empty
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }  // exact
  // The middle of the bucket that holds the value of rank ceil(fraction * count); at most max(). 0
  // when empty.
  double percentile(double fraction) const;
  std::vector<Bucket> buckets() const;  // those with a count, ascending

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kBuckets = (64 - kSubBits + 1) * kSub;

  static constexpr std::size_t index_of(std::uint64_t value) {
    const unsigned shift =
        value < 2 * kSub ? 0 : static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
    return shift * kSub + static_cast<std::size_t>(value >> shift);
  }
  static Bucket bounds(std::size_t index);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace ringbench
