// From [[layout]] to layouts.
#include <gmock/gmock.h>

#include "tests/planner/plan_files.hpp"

namespace ringbench::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PlanLayouts : public PlanFiles {
 protected:
  std::vector<Layout> layouts(const std::string& text) const {
    return read(kPlanHead + "[[layout]]\n" + text).layouts;
  }
  std::vector<std::string> names(const std::string& text) const {
    std::vector<std::string> names;
    for (const auto& layout : layouts(text)) names.push_back(layout.name);
    return names;
  }
  // The one error, of a [[layout]] whose first line is line 10 of the file.
  std::string error(const std::string& text) const {
    const auto errors = errors_of(kPlanHead + "[[layout]]\n" + text);
    return errors.size() == 1 ? errors.front() : std::to_string(errors.size()) + " errors";
  }
};

TEST_F(PlanLayouts, ListsAreTheAxesOfAProduct) {
  EXPECT_THAT(names("kind = \"rings\"\ncpus_per_ring = [2, 4]\nmapping = [\"contiguous\", "
                    "\"modulo\"]\nring = [\"64 KiB\", 8192]\nconsumers = [1, \"each\"]"),
              SizeIs(16));
  EXPECT_THAT(names("kind = \"shared\"\ntotal = [\"4 MiB\", \"5 MiB\"]"),
              ElementsAre("shared 4 MiB", "shared 5 MiB"));
}

TEST_F(PlanLayouts, NamesSayAllOfALayout) {
  EXPECT_THAT(names("kind = \"rings\"\ncpus_per_ring = 4\nmapping = \"modulo\"\ntotal = \"1 "
                    "MiB\"\nconsumers = 2"),
              ElementsAre("rings of 4 CPUs (modulo) 2 x 512 KiB, 2 consumers"));
  EXPECT_THAT(names("kind = \"rings\"\nmapping = \"per_l3\"\nring = \"1 MiB\""),
              ElementsAre("rings per l3 4 x 1 MiB, 1 consumer"));
  EXPECT_THAT(names("kind = \"perf\"\nring = \"64 KiB\"\nconsumers = \"each\""),
              ElementsAre("perf 8 x 64 KiB, 8 consumers"));
}

TEST_F(PlanLayouts, MapCpusToRings) {
  const auto contiguous = layouts("kind = \"rings\"\ncpus_per_ring = 3\nring = 4096").front();
  EXPECT_THAT(contiguous.ring_of_cpu, ElementsAre(0, 0, 0, 1, 1, 1, 2, 2));
  EXPECT_EQ(contiguous.rings, 3U);
  const auto modulo =
      layouts("kind = \"rings\"\ncpus_per_ring = 2\nmapping = \"modulo\"\nring = 4096").front();
  EXPECT_THAT(modulo.ring_of_cpu, ElementsAre(0, 1, 2, 3, 0, 1, 2, 3));
  const auto shared = layouts("kind = \"shared\"\nring = 4096").front();
  EXPECT_THAT(shared.ring_of_cpu, ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(shared.cpus_per_ring, 0U);
  const auto perf = layouts("kind = \"perf\"\nring = 4096").front();
  EXPECT_THAT(perf.ring_of_cpu, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(PlanLayouts, ShareATotalEvenlyInWholeBytes) {
  const auto rings = layouts("kind = \"rings\"\ncpus_per_ring = 3\ntotal = 100000").front();
  EXPECT_EQ(rings.ring_bytes, 33333U);
  EXPECT_EQ(rings.total_bytes(), 99999U);
}

TEST_F(PlanLayouts, ThatAreTheSameCountOnce) {
  EXPECT_THAT(names("kind = \"rings\"\ncpus_per_ring = 1\nmapping = [\"contiguous\", "
                    "\"modulo\"]\nring = 4096\nconsumers = [8, \"each\"]"),
              ElementsAre("rings of 1 CPU 8 x 4 KiB, 8 consumers"));
}

TEST_F(PlanLayouts, LeaveOutThreadsThatHaveNoRing) {
  EXPECT_THAT(
      names("kind = \"rings\"\ncpus_per_ring = [1, 4]\nring = 4096\nconsumers = [1, 8]"),
      ElementsAre("rings of 1 CPU 8 x 4 KiB, 1 consumer", "rings of 1 CPU 8 x 4 KiB, 8 consumers",
                  "rings of 4 CPUs (contiguous) 2 x 4 KiB, 1 consumer"));
  EXPECT_THAT(error("kind = \"shared\"\nring = 4096\nconsumers = 2"),
              HasSubstr("p.toml:13:13: layout.consumers: found 2, more than there are rings"));
}

TEST_F(PlanLayouts, RefuseWhatIsNoLayout) {
  const auto expect = [&](const std::string& text, const std::string& words) {
    EXPECT_THAT(error(text), HasSubstr(words)) << text;
  };
  expect("kind = \"sharde\"\nring = 4096",
         "p.toml:11:8: layout.kind: found \"sharde\"; allowed: "
         "\"shared\", \"rings\" or \"perf\"; did you mean "
         "\"shared\"?");
  expect("ring = 4096", "p.toml:10:1: layout.kind: missing");
  expect("kind = \"shared\"\nring = 4096\nconsumer = 1", "did you mean \"consumers\"?");
  expect("kind = \"shared\"\ncpus_per_ring = 2\nring = 4096", "no meaning for this kind");
  expect("kind = \"perf\"\nmapping = \"modulo\"\nring = 4096", "no meaning for this kind");
  expect("kind = \"rings\"\nring = 4096",
         "layout.cpus_per_ring: missing; allowed: an integer from 1 "
         "to 8 (CPUs)");
  expect("kind = \"rings\"\ncpus_per_ring = 9\nring = 4096",
         "found 9; allowed: an integer from 1 to");
  expect("kind = \"rings\"\ncpus_per_ring = 2\nmapping = \"per_node\"\nring = 4096",
         "take the rings from the topology");
  expect("kind = \"rings\"\ncpus_per_ring = 2\nmapping = \"modulus\"\nring = 4096",
         "did you mean \"modulo\"?");
  expect("kind = \"shared\"", "layout.ring: missing, as is total");
  expect("kind = \"shared\"\ntotal = 8192\nring = 4096", "layout.ring: found beside total");
  expect("kind = \"shared\"\nring = []", "found an empty array");
  expect("kind = \"shared\"\nring = \"5 MB\"", "a string with a unit, such as \"64 KiB\"");
  expect("kind = \"shared\"\nring = 4095", "a number from 4096");
  expect("kind = \"perf\"\ntotal = 8192", "gives each of 8 rings 1 KiB; allowed: at least a page");
  expect("kind = \"shared\"\ntotal = \"3 GiB\"", "the largest max_entries of a BPF ring");
  expect("kind = \"perf\"\nring = 4096\nconsumers = 0", "an integer from 1 to 8 (threads)");
  expect("kind = \"perf\"\nring = 4096\nconsumers = \"all\"", "\"each\" for one a ring");
}

TEST_F(PlanLayouts, RefuseARingThatNoRecordFitsInto) {
  const auto big = replaced(kPlanHead, "record_size = 100", "record_size = 70000");
  EXPECT_THAT(errors_of(big + "[[layout]]\nkind = \"shared\"\nring = 65536"),
              ElementsAre(HasSubstr("no record of 70008 bytes fits into")));
  EXPECT_THAT(errors_of(big + "[[layout]]\nkind = \"perf\"\nring = \"1 MiB\""),
              ElementsAre(HasSubstr("whose records are at most 65528 bytes, and needs 70016")));
  EXPECT_THAT(errors_of(big + "[[layout]]\nkind = \"shared\"\nring = 131072"), IsEmpty());
}

TEST_F(PlanLayouts, AreAtMost512) {
  std::string sizes = "4096";
  for (int i = 1; i < 600; ++i) sizes += ", " + std::to_string(4096 + i);
  EXPECT_THAT(error("kind = \"shared\"\nring = [" + sizes + "]"),
              HasSubstr("p.toml:10:1: layout: found more than 512 layouts"));
}

TEST_F(PlanLayouts, AreNeeded) {
  EXPECT_THAT(errors_of(kPlanHead), ElementsAre(HasSubstr("layout: missing")));
  EXPECT_THAT(errors_of(kPlanHead + "[layout]\nkind = \"shared\""),
              ElementsAre(HasSubstr("tables, each headed [[layout]]")));
  EXPECT_THAT(errors_of("layout = [1]\n" + kPlanHead),
              ElementsAre(HasSubstr("found 1; allowed: tables, each headed [[layout]]")));
}

}  // namespace
}  // namespace ringbench::planner
