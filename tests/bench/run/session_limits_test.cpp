// The limits of the machine in a run: measured with its first rounds, and not again on resume.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bench/run/plan.hpp"
#include "bench/run/session.hpp"
#include "tests/bench/run/store_rig.hpp"

namespace ringbench {
namespace {

using ::testing::IsSupersetOf;

class SessionLimits : public StoreTest {
 protected:
  // Two rounds of one short cell: their limits take as long as they may, so one round has them.
  static Config config() {
    return parse_config(
        "title = \"t\"\nquestion = \"q\"\n[run]\nrepetitions = 2\nmax_repetitions = "
        "2\n[matrix]\ntransport = "
        "\"ringbuf\"\nconsumer = \"shares_producer_core\"\nwarmup_ms = 1\nduration_ms = 5\n",
        "tiny.toml", 1);
  }

  Plan planned() const {
    Plan plan = plan_cells(config(), config().cells, machine_);
    measure_clock_of(plan, machine_);
    return plan;
  }
  void run(Store& store, const Plan& plan) const {
    run_session(store, plan.planned, plan.limits, config().run, {});
  }

  std::set<std::string> operations() const {
    std::set<std::string> found;
    for (const auto& row : sql(file(), "SELECT DISTINCT operation FROM \"limit\"")) {
      found.insert(row[0]);
    }
    return found;
  }

  const Machine machine_ = this_machine();
};

TEST_F(SessionLimits, AreMeasuredInTheSameRunAsTheTransports) {
  const Plan plan = planned();
  Store store = begin_store(folder, config(), machine_, plan, "test");
  run(store, plan);
  EXPECT_EQ(one(file(), "SELECT count(DISTINCT repetition) FROM trial"), "2");
  EXPECT_THAT(operations(),
              IsSupersetOf({"timer_pair", "xadd", "xchg", "cmpxchg", "release_store", "fill"}));
  EXPECT_EQ(one(file(), "SELECT count(DISTINCT round) || ',' || max(round) FROM \"limit\""), "1,0")
      << "a run of 10 ms deserves no second round";
  EXPECT_EQ(one(file(), "SELECT count(*) FROM clock"), std::to_string(machine_.cpus.size()));
  EXPECT_EQ(store.provenance().count("core_cycles"), 1U);
}

TEST_F(SessionLimits, AreNotMeasuredAgainOnResume) {
  const Plan plan = planned();
  {
    Store store = begin_store(folder, config(), machine_, plan, "test");
    store.put_limits(0, {{.operation = "planted", .cycles = 1}});
  }
  Store store = Store::open(folder);
  run(store, plan);
  EXPECT_EQ(one(file(), "SELECT count(DISTINCT repetition) FROM trial"), "2");
  EXPECT_EQ(operations(), std::set<std::string>{"planted"});
}

TEST_F(SessionLimits, AreNotMeasuredForARoundThatHasNoTrialsLeft) {
  const Plan plan = planned();
  Store store = begin_store(folder, config(), machine_, plan, "test");
  for (const std::uint64_t round : {0, 1}) {
    store.put_trial({plan.planned[0].id, round, 0}, "", some_result());
  }
  run(store, plan);
  EXPECT_TRUE(operations().empty());
}

}  // namespace
}  // namespace ringbench
