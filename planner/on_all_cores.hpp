// Independent work by number, on every core.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ringbench::planner {

// Calls work(0), ..., work(all - 1), in any order and at once; progress(done, all) after each, from
// one thread at a time. Of what was thrown the lowest number's is thrown again when all are back.
template <typename Work, typename Progress>
void on_all_cores(std::size_t all, const Work& work, const Progress& progress) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;  // guards all below, and the calls of progress
  std::size_t done = 0, failed = all;
  std::exception_ptr failure;
  const auto take = [&] {
    for (std::size_t number = 0; (number = next.fetch_add(1)) < all;) {
      try {
        work(number);
        const std::lock_guard guard(mutex);
        progress(++done, all);
      } catch (...) {
        const std::lock_guard guard(mutex);
        if (number < failed) failed = number, failure = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned core = 1; core < cores && core < all; ++core) helpers.emplace_back(take);
    take();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ringbench::planner
