#include "bench/run/chosen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/run/plan.hpp"
#include "tests/bench/run/store_rig.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ChosenTest : public StoreTest {
 protected:
  Store store_with(const Provenance& facts) {
    return Store::create(folder, [&](Store& store) { store.put(facts); });
  }
  Provenance choice{
      {"chosen_duration_ms", "12.5"}, {"chosen_repetitions", "7"}, {"hiccups_per_s", "0.3"}};
};

TEST_F(ChosenTest, IsReadAsItWasWritten) {
  const auto store = store_with(describe_choice({12.5, 7, 0.3}));
  EXPECT_EQ(store.provenance(), choice);
  const auto chosen = stored_choice(store);
  EXPECT_EQ(chosen.window_ms, 12.5);
  EXPECT_EQ(chosen.repetitions, 7U);
  EXPECT_EQ(chosen.hiccups_per_s, 0.3);
}

TEST_F(ChosenTest, IsNoneWhereNoCellLeftIt) {
  EXPECT_EQ(describe_choice({}), Provenance());
  EXPECT_EQ(stored_choice(store_with({})).window_ms, 0);
}

TEST_F(ChosenTest, IsRefusedWhereTheStoreIsDamaged) {
  struct Damage {
    std::string key, value, said;
  };
  for (const auto& [key, value, said] : std::vector<Damage>{
           {"chosen_duration_ms", "2", "\"2\", which is no number from 5 to 1000"},
           {"chosen_duration_ms", "1e9", "\"1e9\", which is no number from 5 to 1000"},
           {"chosen_duration_ms", "nan", "\"nan\""},
           {"chosen_repetitions", "", "\"\", which is no number from 1 to 1000"},
           {"chosen_repetitions", "-1", "\"-1\""},
           {"chosen_repetitions", "3.5", "\"3.5\""},
           {"hiccups_per_s", "often\n", "\"often\\x0a\", which is no number from 0 to 1000000000"},
       }) {
    auto damaged = choice;
    damaged[key] = value;
    const auto store = store_with(damaged);
    EXPECT_THAT(refusal([&] { stored_choice(store); }),
                AllOf(StartsWith(file().string() + ": " + key + " is "), HasSubstr(said),
                      HasSubstr("restore a copy")));
    fs::remove(file());
  }
  choice.erase("chosen_repetitions");
  const auto store = store_with(choice);
  EXPECT_THAT(refusal([&] { stored_choice(store); }), HasSubstr("chosen_repetitions is \"\""));
}

TEST_F(ChosenTest, IsForTheCellsThatLeaveTheirWindow) {
  Plan plan;
  plan.planned.resize(2);
  plan.planned[0].spec.cell.duration_ms = plan.planned[0].spec.window_ms = 100;
  plan.planned[0].repetitions = 3;
  plan.planned[1].spec.cell.duration_ms = plan.planned[1].spec.window_ms = 0;
  choose_as_before(plan, store_with(choice));
  EXPECT_EQ(plan.planned[0].spec.window_ms, 100);
  EXPECT_EQ(plan.planned[0].repetitions, 3U);
  EXPECT_EQ(plan.planned[1].spec.window_ms, 12.5);
  EXPECT_EQ(plan.planned[1].repetitions, 7U);
}

TEST_F(ChosenTest, HasToBeThereForACellThatLeavesItsWindow) {
  Plan plan;
  plan.planned.resize(1);
  plan.planned[0].spec.cell.duration_ms = plan.planned[0].spec.window_ms = 0;
  const auto store = store_with({});
  EXPECT_THAT(
      refusal([&] { choose_as_before(plan, store); }),
      AllOf(StartsWith(file().string()), HasSubstr("does not say which window was chosen")));
  plan.planned[0].spec.cell.duration_ms = plan.planned[0].spec.window_ms = 100;
  EXPECT_EQ(refusal([&] { choose_as_before(plan, store); }), "no StoreError");
}

}  // namespace
}  // namespace ringbench
