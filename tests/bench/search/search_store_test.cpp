// What a search keeps, and that it comes back as it was: a resumed search hangs on it.
#include "bench/search/search_store.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <utility>

#include "bench/config/parameters.hpp"
#include "bench/search/search_table.hpp"
#include "bench/search/searched_cell.hpp"
#include "tests/bench/run/store_rig.hpp"

namespace ringbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SearchStore : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    searched = searched_cells({some_cell()})[0];
    store = std::make_unique<Store>(Store::create(folder));
    store->put_cell(searched, {}, 1, "searched");
  }

  Cell searched;
  std::unique_ptr<Store> store;
};

TEST_F(SearchStore, IsToldFromARun) {
  EXPECT_TRUE(is_search(*store));
  const auto other = folder / "run";
  Store run = Store::create(other);
  run.put_cell(some_cell(), {}, 1);
  EXPECT_FALSE(is_search(run));
}

TEST_F(SearchStore, TrialsComeBackAsTheyWereMeasured) {
  const Cell cell = at_rate(searched, 12'345.678, 50);
  store->put_cell(cell, {}, 1);
  auto result = some_result();
  result.saturated = false;
  result.offered_rate = 1e6 / 3;
  result.distributions.lag_ns.record(1'234, 100);
  result.status = Status::tainted;
  result.reason = "noise";
  store->put_trial({id_of(cell), 2, 1}, "now", result);
  store->put_trial({id_of(cell), 2, 2}, "now", failed("hung"));

  const auto found = stored_trials(*store);
  ASSERT_EQ(found.size(), 2U);
  const Measured& back = found.at({id_of(cell), 2, 1});
  const Measured fresh = measured(result);
  EXPECT_EQ(back.status, fresh.status);
  EXPECT_EQ(back.reason, fresh.reason);
  EXPECT_EQ(back.window_s, fresh.window_s);
  EXPECT_EQ(back.window_attempted, fresh.window_attempted);
  EXPECT_EQ(back.window_dropped, fresh.window_dropped);
  EXPECT_EQ(back.offered_rate, fresh.offered_rate);
  EXPECT_EQ(back.delivered_rate, fresh.delivered_rate);
  EXPECT_EQ(back.lag_ns_p50, fresh.lag_ns_p50);
  EXPECT_TRUE(back.lag_ns_p50.has_value());
  EXPECT_EQ(found.at({id_of(cell), 2, 2}).status, Status::failed);
  EXPECT_FALSE(found.at({id_of(cell), 2, 2}).window_attempted);
}

TEST_F(SearchStore, KeepsOneAnswerForEachTarget) {
  put_search(*store, {id_of(searched), 1e-3, 5e5, {}, {}, "noisy", "early", 3});
  put_search(*store, {id_of(searched), 1e-3, 1e6, 1.02e6, 1e6, "found", "", 30});
  put_search(*store, {id_of(searched), 0, {}, {}, {}, "unbounded", "too slow", 30});
  const auto rows = search_rows(*store);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].target, 0);
  EXPECT_FALSE(rows[0].low);
  EXPECT_EQ(rows[1].low, 1e6);
  EXPECT_EQ(rows[1].high, 1.02e6);
  EXPECT_EQ(rows[1].trials, 30U);
  EXPECT_EQ(one(file(), "SELECT count(*) FROM search WHERE reason IS NULL"), "1");

  const auto text = search_table(*store);
  EXPECT_THAT(text, HasSubstr("1 M/s"));
  EXPECT_THAT(text, HasSubstr("1.02 M/s"));
  EXPECT_THAT(text, HasSubstr("target 0: unbounded: too slow"));
  EXPECT_THAT(text, Not(HasSubstr("rate:0"))) << "which means nothing";
}

TEST_F(SearchStore, ACapacityIsOfTheLastAttemptThatMetADrop) {
  const Cell burst = bursts(searched)[1];
  const auto id = id_of(burst);
  store->put_cell(burst, {}, 1);
  auto result = some_result();
  result.producers.resize(1);
  result.rings = {RingFacts{.bytes = 4096, .peak_bytes = 0, .nodes_wanted = {}, .nodes_found = {}}};
  const auto drops = std::exchange(result.producers[0].flow.tally.drops, {});
  store->put_trial({id, 0, 0}, "now", result);  // no drop before the end
  result.producers[0].flow.tally.drops = drops;
  result.producers[0].accepted_before_drop = 40;
  store->put_trial({id, 1, 0}, "now", result);
  result.producers[0].accepted_before_drop = 56;
  store->put_trial({id, 1, 1}, "now", result);
  put_capacity(*store, id_of(searched), id);

  const auto found = capacities(*store);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].away);
  EXPECT_EQ(found[0].nominal, 64) << "4096 bytes of 64";
  EXPECT_EQ(found[0].accepted, std::vector<double>{56});
  EXPECT_THAT(search_table(*store), HasSubstr("87.5 %"));
}

TEST_F(SearchStore, LoadPointsNameWhatWasMeasured) {
  const Cell point = at_rate(searched, 900, 100);
  store->put_cell(point, {}, 1);
  put_load_point(*store, {id_of(searched), 0, 0.9, id_of(point)});
  put_load_point(*store, {id_of(searched), 0, 0.9, id_of(point)});
  ASSERT_EQ(load_points(*store).size(), 1U);
  EXPECT_EQ(load_points(*store)[0].measured_cell_id, id_of(point));
  EXPECT_EQ(load_points(*store)[0].share, 0.9);
}

}  // namespace
}  // namespace ringbench
