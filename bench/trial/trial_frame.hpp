// The part of a trial that does not depend on the transport: its threads, its phases, and the
// watchdog.
//
//     setup        the transport and the threads are made, pinned, and wait at the gate
//     warm-up      everything runs, nothing is kept
//     window       everything runs and is measured
//     drain        producers have stopped, consumers empty the rings
//     accounting   after the last thread has ended (bench/trial/accounting.hpp)
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/trial/consumer_loop.hpp"
#include "bench/trial/roll_call.hpp"
#include "bench/trial/trial_result.hpp"
#include "bench/trial/trial_spec.hpp"

namespace ringbench {

// Where a thread is, for itself to write and the watchdog to read. On a line of its own.
struct alignas(64) ThreadState {
  std::atomic<const char*> phase{"setup"};
  std::atomic<std::uint64_t> attempted{0};
  ThreadFacts facts;
  std::string error;  // why it could not run; read after it has ended
};

class TrialFrame {
 public:
  explicit TrialFrame(const TrialSpec& spec);

 protected:
  // Starts a thread that pins itself, runs `prepare` and waits at the gate; then runs what
  // `prepare` returned.
  using Body = std::function<void(ThreadState&)>;
  using Prepare = std::function<Body(ThreadState&)>;
  void launch(const char* role, unsigned number, unsigned cpu, Prepare prepare);

  // Opens the gate and waits for every thread to end. False: some had not by the watchdog's time;
  // they are still running, so what they use must never be freed.
  bool run_to_end();

  void producer_stopped();
  std::string first_error() const;
  // What the threads are doing right now, in words.
  std::string describe_threads() const;

  const TrialSpec spec_;
  Timeline timeline_;
  std::atomic<unsigned> producing_;
  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<ThreadState>> states_;
  std::optional<double> frequency_change_;  // between the first and the last quarter of the window

 private:
  enum class Gate : std::uint8_t { closed, open, cancelled };
  void thread_main(ThreadState& state, const Prepare& prepare);
  bool pass_gate(ThreadState& state);
  void watch_frequency();
  void set_timeline();

  std::atomic<Gate> gate_{Gate::closed};
  RollCall ready_;
  RollCall ended_;
  std::vector<std::thread> threads_;
};

}  // namespace ringbench
