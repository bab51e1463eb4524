// One run of a flow simulation: the rings, the threads, and the events that change their rates.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "planner/flow.hpp"
#include "planner/flow_arrivals.hpp"
#include "planner/flow_merge.hpp"
#include "planner/flow_order.hpp"
#include "planner/spread_histogram.hpp"
#include "planner/stamp_curve.hpp"

namespace ringbench::planner {

class FlowRun {
 public:
  // `plan` must make sense and outlive it.
  FlowRun(const FlowPlan& plan, std::uint64_t seed);
  FlowResult run();

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();
  // Times that are closer are one event, so that rings that run in step do not part by rounding.
  static constexpr double kSameTime = 1e-11;
  static constexpr double kRounding = 1e-9;   // records: none
  static constexpr double kWhole = 1 - 1e-6;  // a record, but for rounding

  // What happens to a ring next if nothing changes its rates.
  enum class Turn : std::uint8_t { none, empty, full, round_over, past_gap };

  // A ring that holds nothing and is read as it fills is not `tracked`: it has no curve.
  struct Ring {
    double in = 0, out = 0;  // records/s
    double level = 0;        // records
    double round = 0;        // of a thread that reads in rounds: records still to read in this one
    double unfreed = 0;      // records that were read in this round and still take their space
    double next = kNever;    // time of `turn`
    Turn turn = Turn::none;
    bool tracked = false;
    bool full = false;        // and more comes than is read
    std::uint32_t place = 0;  // in tracked_
  };

  struct Thread {
    std::vector<unsigned> rings;
    double rate = 0;         // records/s that it may read now
    double wants = 0;        // and that it could make use of
    double reading = 0;      // and that it reads
    double next_poll = 0;    // while it sleeps
    double wakes = 0;        // before then it reads nothing: it wakes up, or begins a turn
    bool keeps_up = false;   // it did, until what comes changed
    bool by_rounds = false;  // it polls; or frees together, and is behind
    bool in_round = false;
    std::size_t turn = 0;  // of its rings, which it reads or has read last
    bool changed = true;   // something that its rates hang on
    Passing through;
  };

  // Whose turn it is where the thread shares the CPU of the first source.
  struct SharedCpu {
    enum class Who : std::uint8_t { both, thread, source };  // both: they keep up with each other
    Who who = Who::both;
    double late = 0;        // records that the source has not sent yet
    double late_grows = 0;  // records/s
    double begin = 0;       // of the turn
    double next = kNever;   // time at which it may end
  };

  double next_time();
  void advance(double to);
  void read_ring(unsigned number);
  bool anybody_awake() const;
  FlowResult finish();

  void change(double now);
  void change_stall();
  void change_ring(unsigned number, double now);
  void change_rounds(double now);
  void begin_round(Thread& thread, double now);
  void go_by_rounds(Thread& thread, double now);
  void take_turn(Thread& thread, double now);
  double comes_to(const Thread& thread) const;
  bool keeps_up(const Thread& thread) const;
  static bool is_waking(const Thread& thread, double now) { return thread.wakes > now; }

  // flow_shared_cpu.cpp
  void take_turns(double now);
  void begin_turn(SharedCpu::Who who, double now);
  bool is_behind() const;

  // flow_shares.cpp
  void allocate(double now);
  double wanted(const Thread& thread) const;
  void share_stage();
  void serve(Thread& thread, double now);
  double share_of(const Thread& thread) const;
  void serve_ring(unsigned number, double out, bool tracked, double now);
  void track(unsigned number, double now);
  void untrack(unsigned number);
  void foresee(unsigned number, double now);

  bool polls() const { return plan_.consumers.poll_interval_s > 0; }
  bool frees_together() const { return plan_.consumers.frees_together; }
  // Records that it may hold.
  double most(const Ring& ring) const { return plan_.buffers.records - ring.unfreed; }
  // What it takes in; a full ring what becomes free.
  double accepted(const Ring& ring) const {
    if (!ring.full) return ring.in;
    return frees_together() ? 0 : ring.out;
  }
  Thread& thread_of(unsigned ring) { return threads_[ring % threads_.size()]; }

  const FlowPlan& plan_;
  Arrivals arrivals_;
  std::vector<Ring> rings_;
  std::vector<StampCurve> curves_;
  std::vector<Thread> threads_;
  std::vector<double> turns_;  // of each thread: records a turn
  std::vector<unsigned> tracked_;
  std::vector<Delivery> deliveries_;  // of the step
  FlowStep step_;
  bool stalled_ = false;
  std::uint64_t stalls_ = 0;     // over
  double next_stall_ = kNever;   // when one begins or ends
  double full_rate_ = 0;         // records/s of a thread that nothing holds up
  double offered_rate_ = 0;      // records/s, all rings
  std::vector<double> by_want_;  // of the threads, for share_stage()

  SharedCpu shared_;

  FlowOrder order_;
  FlowMerge merge_;
  SpreadHistogram delays_;
  double passed_ = 0;  // records that found no backlog
  FlowResult result_;
  double on_seconds_ = 0, any_on_seconds_ = 0;
};

}  // namespace ringbench::planner
