#include "bench/trial/trial_frame.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <exception>

#include "bench/trial/surroundings.hpp"
#include "topology/affinity.hpp"

namespace ringbench {

TrialFrame::TrialFrame(const TrialSpec& spec)
    : spec_(spec), producing_(static_cast<unsigned>(spec.cell.producers)) {}

void TrialFrame::launch(const char* role, unsigned number, unsigned cpu, Prepare prepare) {
  states_.push_back(std::make_unique<ThreadState>());
  ThreadState& state = *states_.back();
  state.facts.role = role;
  state.facts.number = number;
  state.facts.cpu_wanted = cpu;
  threads_.emplace_back([this, &state, prepare = std::move(prepare)] {
    thread_main(state, prepare);
    ended_.present();
  });
}

void TrialFrame::thread_main(ThreadState& state, const Prepare& prepare) {
  bool arrived = false;
  // As top and perf show it.
  pthread_setname_np(pthread_self(),
                     fmt::format("{} {}", state.facts.role, state.facts.number).c_str());
  try {
    pin_to(state.facts.cpu_wanted);
    const Body body = prepare(state);
    arrived = true;
    if (pass_gate(state)) body(state);
  } catch (const std::exception& error) {
    state.error = fmt::format("{} {}: {}", state.facts.role, state.facts.number, error.what());
    stop_.store(true, std::memory_order_relaxed);
    if (!arrived) ready_.present();
  }
  state.phase.store("ended", std::memory_order_relaxed);
  if (state.facts.role == "producer") producer_stopped();
}

bool TrialFrame::pass_gate(ThreadState& state) {
  state.phase.store("gate", std::memory_order_relaxed);
  ready_.present();
  gate_.wait(Gate::closed, std::memory_order_acquire);
  state.phase.store("warm-up", std::memory_order_relaxed);
  // Pairs with the release in run_to_end(): the timeline is set.
  return gate_.load(std::memory_order_acquire) == Gate::open;
}

void TrialFrame::producer_stopped() {
  // Pairs with the acquire in ConsumerLoop::run(): this producer's records are all in the ring.
  producing_.fetch_sub(1, std::memory_order_release);
  producing_.notify_all();
}

// The start lies a little ahead, so that every thread is awake when it comes.
void TrialFrame::set_timeline() {
  const auto in_ticks = [&](double seconds) {
    return static_cast<std::uint64_t>(seconds * spec_.clock.hz);
  };
  timeline_.start = ticks() + in_ticks(300e-6);
  timeline_.window_begin = timeline_.start + in_ticks(spec_.cell.warmup_ms * 1e-3);
  timeline_.window_end = timeline_.window_begin + in_ticks(spec_.window_ms * 1e-3);
  timeline_.series_every = (timeline_.window_end - timeline_.start) / kPointsOfSeries;
  timeline_.drain_end = timeline_.window_end + in_ticks(spec_.watchdog_s / 2);
}

// From the thread that started the others; reads nothing, and does not wait, where there is nothing
// to read.
void TrialFrame::watch_frequency() {
  const auto cpus = cpus_of(spec_.placement);
  if (frequencies_khz(cpus).empty()) return;
  const auto sleep_until = [&](double share) {
    const auto window = static_cast<double>(timeline_.window_end - timeline_.window_begin);
    const double at = static_cast<double>(timeline_.window_begin) + share * window;
    const double left_s = (at - static_cast<double>(ticks())) / spec_.clock.hz;
    if (left_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(left_s));
  };
  sleep_until(0.25);
  const auto before = frequencies_khz(cpus);
  sleep_until(0.75);
  frequency_change_ = largest_change(before, frequencies_khz(cpus));
}

bool TrialFrame::run_to_end() {
  const bool prepared = ready_.wait_for(threads_.size(), spec_.watchdog_s);
  set_timeline();
  const bool go = prepared && !stop_.load(std::memory_order_relaxed);
  gate_.store(go ? Gate::open : Gate::cancelled, std::memory_order_release);
  gate_.notify_all();
  if (go) watch_frequency();
  const double phases = (spec_.cell.warmup_ms + spec_.window_ms) * 1e-3;
  if (!prepared || !ended_.wait_for(threads_.size(), phases + spec_.watchdog_s)) return false;
  for (auto& thread : threads_) thread.join();
  return true;
}

std::string TrialFrame::first_error() const {
  for (const auto& state : states_) {
    if (!state->error.empty()) return state->error;
  }
  return {};
}

std::string TrialFrame::describe_threads() const {
  std::string text;
  for (const auto& state : states_) {
    text += fmt::format("{} {} on CPU {}: in {}, {} attempted; ", state->facts.role,
                        state->facts.number, state->facts.cpu_wanted,
                        state->phase.load(std::memory_order_relaxed),
                        state->attempted.load(std::memory_order_relaxed));
  }
  return text;
}

}  // namespace ringbench
