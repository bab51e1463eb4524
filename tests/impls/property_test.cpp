// Random sequences of calls against a plain-queue model that predicts every answer: refusals and
// their causes, deliveries, losses, notifications, occupancy and tallies.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <list>

#include "impls/hybrid.hpp"
#include "impls/perfbuf.hpp"
#include "impls/ringbuf.hpp"
#include "tests/impls/perfbuf_model.hpp"
#include "tests/impls/rig.hpp"
#include "tests/impls/ringbuf_model.hpp"

namespace ringbench::conformance {

// At namespace scope, where RapidCheck finds how to show it.
struct Step {
  enum class Kind { reserve, commit, discard, abandon, consume, wait } kind;
  std::uint32_t size;  // of a reserve; otherwise which ring or open record, or the budget
  unsigned which;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr std::array kNames{"reserve", "commit", "discard", "abandon", "consume", "wait"};
  return out << kNames[static_cast<std::size_t>(step.kind)] << "(" << step.size << ", "
             << step.which << ")";
}

namespace {

rc::Gen<Step> any_step() {
  using Kind = Step::Kind;
  const auto size = rc::gen::weightedOneOf<std::uint32_t>(
      {{6, rc::gen::inRange(0U, 64U)},
       {3, rc::gen::inRange(0U, 700U)},
       {2, rc::gen::inRange(700U, 4'200U)},
       {1, rc::gen::element(4'076U, 4'077U, 4'080U, 4'081U, 1U << 30, UINT32_MAX)}});
  const auto kind = rc::gen::weightedElement<Kind>({{12, Kind::reserve},
                                                    {8, Kind::commit},
                                                    {1, Kind::discard},
                                                    {1, Kind::abandon},
                                                    {3, Kind::consume},
                                                    {1, Kind::wait}});
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind), rc::gen::set(&Step::size, size),
                              rc::gen::set(&Step::which, rc::gen::inRange(0U, 1'000U)));
}

// The transport and its model side by side.
class Session {
 public:
  template <class ModelOfRing>
  static Session of(const Row& row, const Options& options, const Geometry& geometry) {
    Session session(row, options, geometry);
    for (unsigned r = 0; r < geometry.rings; ++r) {
      session.models_.push_back(std::make_unique<ModelOfRing>(geometry.ring_bytes, options));
    }
    return session;
  }

  void run(const std::vector<Step>& steps) {
    for (const auto& step : steps) {
      apply(step);
      check();
    }
    while (!open_.empty()) finish({Step::Kind::abandon, 0, 0});
    for (unsigned ring = 0; ring < models_.size(); ++ring) consume(ring, 0);
    check();
    std::uint64_t overwritten = 0;
    for (const auto& model : models_) overwritten += model->overwritten();
    RC_ASSERT(rig_.subject->overwritten() == overwritten);
  }

 private:
  struct Open {
    RecordId id;
    unsigned producer;
    std::unique_ptr<OpenRecord> record;
  };

  Session(const Row& row, const Options& options, const Geometry& geometry)
      : rig_(geometry, row, options), tallies_(geometry.ring_of.size()) {}

  void apply(const Step& step) {
    const unsigned ring = step.which % static_cast<unsigned>(models_.size());
    switch (step.kind) {
      case Step::Kind::reserve:
        return reserve(step.which % static_cast<unsigned>(tallies_.size()), step.size);
      case Step::Kind::consume:
        return consume(ring, step.size % 16);
      case Step::Kind::wait:
        RC_ASSERT(rig_.subject->ready_to_wait(ring) == models_[ring]->ready_to_wait());
        return;
      default:
        if (!open_.empty()) finish(step);
    }
  }

  void reserve(unsigned producer, std::uint32_t size) {
    auto& model = *models_[rig_.geometry.ring_of[producer]];
    if (open_.size() >= model.max_open()) return;
    const auto id = static_cast<RecordId>(sizes_.size());
    sizes_.push_back({size, producer});
    const auto refused = model.reserve(id, size);
    auto record = rig_.reserve(producer, size);
    RC_ASSERT(record->granted() == !refused.has_value());
    if (refused) {
      RC_ASSERT(record->cause() == *refused);
      ++tallies_[producer].drops[static_cast<std::size_t>(*refused)];
    } else {
      fill(record->payload(), producer, id);
      open_.push_back({id, producer, std::move(record)});
    }
  }

  void finish(const Step& step) {
    const auto chosen = std::next(open_.begin(), step.which % static_cast<unsigned>(open_.size()));
    auto& tally = tallies_[chosen->producer];
    const bool commit = step.kind == Step::Kind::commit;
    ++(commit ? tally.committed : tally.discarded);
    auto& model = *models_[rig_.geometry.ring_of[chosen->producer]];
    tally.notifications += model.finish(chosen->id, chosen->producer, commit) ? 1 : 0;
    if (commit) chosen->record->commit();
    if (step.kind == Step::Kind::discard) chosen->record->discard();
    open_.erase(chosen);
  }

  void consume(unsigned ring, std::size_t budget) {
    const auto expected = models_[ring]->consume(budget);
    rig_.inbox.items.clear();
    const auto count = rig_.consume(ring, budget);
    RC_ASSERT(count == rig_.inbox.records().size());
    RC_ASSERT(rig_.inbox.items.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      RC_ASSERT(rig_.inbox.items[i].lost == expected[i].lost);
      if (expected[i].lost != 0) continue;
      const auto& [size, producer] = sizes_[expected[i].id];
      RC_ASSERT(rig_.inbox.items[i].payload == make_payload(size, producer, expected[i].id));
    }
  }

  void check() const {
    for (unsigned ring = 0; ring < models_.size(); ++ring) {
      RC_ASSERT(rig_.subject->occupancy(ring) == models_[ring]->occupancy());
    }
    for (std::size_t p = 0; p < tallies_.size(); ++p) {
      RC_ASSERT(rig_.writers[p]->tally() == tallies_[p]);
    }
  }

  Rig rig_;
  std::vector<std::unique_ptr<Model>> models_;
  std::vector<Tally> tallies_;
  std::vector<std::pair<std::uint32_t, unsigned>> sizes_;  // and producers, by RecordId
  std::list<Open> open_;
};

Geometry shape(std::vector<unsigned> ring_of, unsigned rings) {
  Geometry geometry;
  geometry.ring_bytes = kRing;
  geometry.rings = rings;
  geometry.ring_of = std::move(ring_of);
  return geometry;
}

template <class ModelOfRing>
void check_against(const Variant& variant, const Geometry& geometry) {
  rc::detail::checkGTest([&] {
    const auto steps = *rc::gen::scale(4.0, rc::gen::container<std::vector<Step>>(any_step()));
    Session::of<ModelOfRing>(*variant.row, variant.options, geometry).run(steps);
  });
}

// One lock stands for all: there is but one thread.
auto variants_of(const Row& row, std::string_view base = {}) {
  return testing::ValuesIn(variants_where([&row, base](const Variant& variant) {
    const auto lock = variant.options.find("lock");
    const auto found = variant.options.find("base");
    return variant.row == &row && (lock == variant.options.end() || lock->second == "mcs") &&
           (found == variant.options.end() || found->second == base);
  }));
}

class RingbufProperty : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(One, RingbufProperty, variants_of(ringbuf::row), name);
TEST_P(RingbufProperty, BehavesAsAPlainQueue) {
  check_against<RingbufModel>(GetParam(), shape({0, 0, 0}, 1));
}

class PerfbufProperty : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Each, PerfbufProperty, variants_of(perfbuf::row), name);
TEST_P(PerfbufProperty, BehavesAsAPlainQueue) {
  check_against<PerfbufModel>(GetParam(), shape({0, 1}, 2));
}

class GroupedRingbufProperty : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Hybrid, GroupedRingbufProperty, variants_of(hybrid::row, "ringbuf"), name);
TEST_P(GroupedRingbufProperty, BehavesAsAPlainQueue) {
  check_against<RingbufModel>(GetParam(), shape({1, 0, 1}, 2));
}

class GroupedPerfbufProperty : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Hybrid, GroupedPerfbufProperty, variants_of(hybrid::row, "perfbuf"), name);
TEST_P(GroupedPerfbufProperty, BehavesAsAPlainQueue) {
  check_against<PerfbufModel>(GetParam(), shape({1, 0, 1}, 2));
}

}  // namespace
}  // namespace ringbench::conformance
