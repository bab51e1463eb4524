// Work in a process of its own: what it breaks, leaks or leaves spinning ends with it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ringbench {

using Bytes = std::vector<std::uint8_t>;

// What a child had to say, or why there is nothing: "ended with status 1 and no result".
struct ChildAnswer {
  Bytes bytes;
  std::string failure;  // empty: `bytes` is the whole answer
};

// Forks, runs `work` in the child, which must not throw, and brings back what it returned. A child
// that does not end within `patience_s` is killed. The child ignores SIGINT and SIGTERM (the parent
// decides when to stop) and dies with the parent. Must be called from a process without other
// threads. Throws std::system_error when there is no process to be had.
ChildAnswer run_in_child(const std::function<Bytes()>& work, double patience_s);

}  // namespace ringbench
