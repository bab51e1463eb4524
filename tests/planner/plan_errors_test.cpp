// Every way in which a plan can be wrong, with the place and the words that the user is given.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "tests/planner/plan_files.hpp"

namespace ringbench::planner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class PlanErrors : public PlanFiles {
 protected:
  // The one error of a plan with this line put at the end of [section].
  std::string error(const std::string& section, const std::string& line) const {
    const auto header = "[" + section + "]\n";
    auto text = kPlan;
    const auto at = text.find(header);
    text = at == std::string::npos ? text + header + line + "\n"
                                   : text.insert(at + header.size(), line + "\n");
    const auto errors = errors_of(text);
    return errors.size() == 1
               ? errors.front()
               : fmt::format("{} errors: {}", errors.size(), fmt::join(errors, "\n"));
  }
};

TEST_F(PlanErrors, NameWhatIsMissingAndWhatWouldTellIt) {
  EXPECT_THAT(errors_of(kSharedLayout),
              ElementsAre(HasSubstr("machine.topology: missing, so the machine is not known"),
                          AllOf(HasSubstr("machine.code_path: missing"),
                                HasSubstr("\"linux-5.8\", \"linux-6.10\" or \"ringbuf\"")),
                          AllOf(HasSubstr("source.rate_per_cpu: missing"), HasSubstr("(records/s)"),
                                HasSubstr("what would tell it: a count of records by CPU")),
                          AllOf(HasSubstr("source.record_size: missing"), HasSubstr("(bytes)")),
                          AllOf(StartsWith("p.toml:1:1: consumer.ns_per_record: missing"),
                                HasSubstr("(ns)"), HasSubstr("timing the consumer"))));
  EXPECT_THAT(errors_of(replaced(kPlan, "ns_per_record = 500\n", "")),
              ElementsAre(StartsWith("p.toml:8:1: consumer.ns_per_record: missing")));
}

TEST_F(PlanErrors, SuggestTheKeyThatWasMeant) {
  EXPECT_THAT(error("source", "rate_per_cpus = 3"),
              AllOf(StartsWith("p.toml:6:1: source.rate_per_cpus: found an unknown key"),
                    HasSubstr("did you mean \"rate_per_cpu\"?")));
  EXPECT_THAT(error("sorce", "x = 3"), HasSubstr("did you mean \"source\"?"));
  EXPECT_THAT(error("target", "memroy = 3"), HasSubstr("did you mean \"memory\"?"));
  EXPECT_THAT(error("run", "seeds = 3"), HasSubstr("did you mean \"seed\"?"));
  EXPECT_THAT(error("latency", "l4_ns = 3"), HasSubstr("did you mean \"l3_ns\"?"));
}

TEST_F(PlanErrors, SayWhatIsAllowed) {
  EXPECT_THAT(
      error("run", "seconds = 0"),
      StartsWith("p.toml:15:11: run.seconds: found 0; allowed: a number from 0.01 to 3600"));
  EXPECT_THAT(error("run", "draws = 9"), HasSubstr("an integer from 10 to 1000"));
  EXPECT_THAT(error("run", "draws = 1001"), HasSubstr("an integer from 10 to 1000"));
  EXPECT_THAT(error("run", "seed = -1"), HasSubstr("an integer from 0"));
  EXPECT_THAT(error("machine", "lock = \"tickets\""), HasSubstr("did you mean \"ticket\"?"));
  EXPECT_THAT(error("machine", "notify = 3"), HasSubstr("\"adaptive\", \"always\" or \"never\""));
  EXPECT_THAT(error("source", "burst_cpus = \"near\""),
              HasSubstr("\"scattered\" or \"neighbouring\""));
  EXPECT_THAT(error("consumer", "turn = 0"), HasSubstr("an integer from 1"));
  EXPECT_THAT(error("consumer", "wakeup_ns = -1"), HasSubstr("a number from 0"));
  EXPECT_THAT(error("consumer", "wakeup_ns = nan"), HasSubstr("found nan"));
  EXPECT_THAT(error("consumer", "wakeup_ns = \"3\""),
              HasSubstr("or a table {value, low, high} of three such numbers"));
  EXPECT_THAT(error("source", "record_used = \"3 KB\""), HasSubstr("such as \"64 KiB\""));
  EXPECT_THAT(error("target", "drop_fraction = 1.5"), HasSubstr("a number from 0 to 1"));
  EXPECT_THAT(error("target", "memory = \"x\""), HasSubstr("such as \"64 KiB\""));
  EXPECT_THAT(errors_of("title = 3\n" + kPlan), ElementsAre(HasSubstr("title: found 3")));
  EXPECT_THAT(errors_of("run = 3\n" + kPlan), ElementsAre(HasSubstr("one table, [run]")));
}

TEST_F(PlanErrors, OfAnInterval) {
  const auto interval = [&](const std::string& value) {
    return error("producer", "alone_ns = " + value);
  };
  EXPECT_THAT(interval("{value = 3, low = 4, high = 5}"),
              HasSubstr("found low 4, value 3 and high 5; allowed: low <= value <= high"));
  EXPECT_THAT(interval("{value = 3, low = 2}"), HasSubstr("found no high; allowed: all three"));
  EXPECT_THAT(interval("{value = 3, low = 2, high = 5, hihg = 6}"),
              AllOf(HasSubstr("producer.alone_ns.hihg"), HasSubstr("did you mean \"high\"?")));
  EXPECT_THAT(interval("{value = 3, low = 0, high = 5}"),
              HasSubstr("producer.alone_ns.low: found 0; allowed: a number from 0.1"));
  EXPECT_THAT(interval("[2, 5]"), HasSubstr("found an array"));
}

TEST_F(PlanErrors, OfCpus) {
  const auto cpus = [&](const std::string& value) { return error("machine", "cpus = " + value); };
  for (const auto* list : {"\"\"", "\"1-\"", "\"3-1\"", "\"1,,2\"", "\"a\"", "\"0-99999999\"", "[]",
                           "[-1]", "[\"1\"]", "3", "\"1 - 2\""})
    EXPECT_THAT(cpus(list), HasSubstr("a list as Linux writes them")) << list;
  EXPECT_THAT(cpus("\"0-8\""),
              HasSubstr("found CPU 8, which package:2 [numa] l3:2 core:2 pu:1 does "
                        "not have; allowed: CPUs out of 0-7"));
}

TEST_F(PlanErrors, OfTheMachine) {
  const auto machine = [&](const std::string& topology) {
    const auto errors = errors_of(replaced(kPlan, "package:2 [numa] l3:2 core:2 pu:1", topology));
    return errors.size() == 1 ? errors.front() : std::to_string(errors.size()) + " errors";
  };
  EXPECT_THAT(machine("package;2"), HasSubstr("not a synthetic topology that hwloc understands"));
  EXPECT_THAT(machine("absent.xml"), HasSubstr("cannot be read"));
  write("bad.xml", "<topology");
  EXPECT_THAT(machine("bad.xml"), HasSubstr("is not hwloc XML"));
  write("empty.xml", "");
  EXPECT_THAT(machine("empty.xml"), HasSubstr("cannot be read, or is empty"));
  std::filesystem::create_symlink("/dev/zero", folder_ / "endless.xml");
  EXPECT_THAT(machine("endless.xml"), HasSubstr("is larger than 16 MiB: give the path of a file"));
  EXPECT_THAT(machine("package:64 core:80 pu:1"),
              HasSubstr("machine.topology: found 5120 CPUs; allowed: at most 4096"));
  EXPECT_THAT(error("machine", "cpus = \"4294967290-4294967295\""),
              HasSubstr("machine.cpus: found \"4294967290-4294967295\"; allowed"));
  EXPECT_THAT(error("machine", "code_paths = 3"), HasSubstr("did you mean \"code_path\"?"));
  EXPECT_THAT(errors_of(replaced(kPlan, "linux-6.10", "linux-6.1")),
              ElementsAre(HasSubstr("did you mean \"linux-6.10\"?")));
}

TEST_F(PlanErrors, MachineOptionIsNamed) {
  PlanRequest request;
  request.file = write("p.toml", kPlan);
  request.machine = "package;2";
  EXPECT_THAT([&] { read_plan(request); },
              ThrowsMessage<ConfigError>(StartsWith("--machine package;2:1:1: machine.topology:")));
}

TEST_F(PlanErrors, OfLatencies) {
  EXPECT_THAT(error("latency", "matrix = \"absent.txt\""), HasSubstr("cannot be read"));
  write("small.txt", "2\n0 1\n1 0\n");
  EXPECT_THAT(error("latency", "matrix = \"small.txt\""),
              HasSubstr("it has 2 CPUs, but the plan's go up to CPU 7"));
  write("m.txt",
        "1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1\n"
        "1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1\n");
  EXPECT_THAT(error("latency", "matrix = \"m.txt\"\nl3_ns = 3"),
              HasSubstr("latency.l3_ns: contradicts latency.matrix"));
  EXPECT_THAT(errors_of(kPlan + "[latency]\nmatrix = \"m.txt\"\nstore = \"absent\"\n"),
              ElementsAre(HasSubstr("latency.store: contradicts latency.matrix")));
  EXPECT_THAT(error("latency", "store = \"absent\""), HasSubstr("tells no latencies"));
}

TEST_F(PlanErrors, OfTraces) {
  const auto traced = replaced(kPlan, "rate_per_cpu = 1000", "trace = \"t.csv\"");
  EXPECT_THAT(errors_of(traced),
              ElementsAre(HasSubstr("source.trace: found \"t.csv\", which cannot "
                                    "be read")));
  write("t.csv", "time_us,producer\n0,0\n10,8\n");
  EXPECT_THAT(errors_of(traced),
              ElementsAre(HasSubstr("found producer 8; allowed: producers below 8")));
  write("t.csv", "time_us\n0\n10\n");
  EXPECT_THAT(
      errors_of(replaced(traced, "record_size = 100", "burst_width = 2")),
      testing::UnorderedElementsAre(HasSubstr("source.burst_width: contradicts source.trace"),
                                    HasSubstr("source.record_size: missing")));
  EXPECT_THAT(errors_of(traced, {"source.rate_per_cpu=3"}),
              ElementsAre(StartsWith("--what-if source.rate_per_cpu=3:1:21: source.rate_per_cpu: "
                                     "contradicts source.trace")));
}

TEST_F(PlanErrors, OfInputsThatContradictEachOther) {
  EXPECT_THAT(error("source", "record_used = 101"),
              HasSubstr("found 101, which is above source.record_size = 100"));
  EXPECT_THAT(
      error("producer", "alone_ns = 10\noutside_lock_ns = 11"),
      HasSubstr("producer.outside_lock_ns: found 11, which is above producer.alone_ns = 10"));
  const std::string bursts = "burst_rate = 3\nburst_on_us = 3\nbursts_per_cpu_s = 3\n";
  EXPECT_THAT(error("source", bursts + "burst_width = 9"),
              HasSubstr("at most the 8 CPUs that send"));
  EXPECT_THAT(error("source", "burst_width = 2"), HasSubstr("has no meaning without bursts"));
  EXPECT_THAT(error("source", "burst_cpus = \"scattered\""),
              HasSubstr("has no meaning without bursts"));
  EXPECT_THAT(error("consumer", "stall_us = 3\nstall_every_us = 3"), HasSubstr("never reads"));
  EXPECT_THAT(error("consumer", "stall_us = 3"),
              HasSubstr("consumer.stall_every_us: missing, for a stall is told by"));
  EXPECT_THAT(error("source", "burst_rate = 3\nburst_on_us = 3"),
              HasSubstr("source.bursts_per_cpu_s: missing, for a burst is told by"));
  EXPECT_THAT(errors_of(kPlan, {"source.rate_per_cpu=0"}),
              ElementsAre(HasSubstr("nothing is ever sent")));
}

TEST_F(PlanErrors, OfTargetsThatNoLayoutCanMeet) {
  const auto text = kPlan + "[[layout]]\nkind = \"perf\"\nring = 4096\n";
  EXPECT_THAT(
      errors_of(text + "[target]\nmemory = 65535\n"),
      ElementsAre(HasSubstr("target.memory: found 65535 bytes, which contradicts the layouts, "
                            "for the smallest of them, perf 8 x 4 KiB, 1 consumer, holds "
                            "65536 bytes")));
  EXPECT_THAT(errors_of(text + "[target]\nmemory = 65536\n"), IsEmpty());
  EXPECT_THAT(
      errors_of(kPlan + "[producer]\nalone_ns = 50\noutside_lock_ns = 15\n[target]\n"
                        "reserve_p99_ns = 34\n"),
      ElementsAre(HasSubstr("contradicts producer.alone_ns: less its part outside the lock a "
                            "reserve takes 35 ns at least")));
}

TEST_F(PlanErrors, AreToldAllAtOnceInTheOrderOfTheFile) {
  const auto text = replaced(replaced(kPlan, "record_size = 100", "record_size = 0"),
                             "ns_per_record = 500", "ns_per_record = 0\nns_per_pol = 3");
  EXPECT_THAT(errors_of(text + "[target]\ndrop_fraction = 2\n", {"run.draws=1", "nonsense"}),
              ElementsAre(StartsWith("p.toml:7:15: source.record_size"),
                          StartsWith("p.toml:9:17: consumer.ns_per_record"),
                          StartsWith("p.toml:10:1: consumer.ns_per_pol"),
                          StartsWith("p.toml:16:17: target.drop_fraction"),
                          StartsWith("--what-if run.draws=1:1:11: run.draws: found 1"),
                          StartsWith("--what-if nonsense:1:1: nonsense: found no '='")));
}

TEST_F(PlanErrors, OfWhatIf) {
  EXPECT_THAT(errors_of(kPlan, {"source.burst_widht=3"}),
              ElementsAre(AllOf(StartsWith("--what-if source.burst_widht=3:1:1:"),
                                HasSubstr("did you mean \"source.burst_width\"?"))));
  EXPECT_THAT(errors_of(kPlan, {"layout.ring=3"}), ElementsAre(HasSubstr("found an unknown key")));
  EXPECT_THAT(
      errors_of(kPlan, {"source.rate_per_cpu=fast"}),
      ElementsAre(StartsWith("--what-if source.rate_per_cpu=fast:1:21: source.rate_per_cpu: "
                             "found \"fast\"; allowed: a number")));
  EXPECT_THAT(errors_of(kPlan, {"run.seed="}), ElementsAre(HasSubstr("run.seed: found \"\"")));
  EXPECT_THAT(errors_of(kPlan, {"=3"}), ElementsAre(HasSubstr("found an unknown key")));
  EXPECT_THAT(errors_of(kPlan, {"run.seed={\"a"}),
              ElementsAre(HasSubstr("found text that is no TOML value")));
  std::string deep = "run.seed={a";
  for (int part = 0; part < 30'000; ++part) deep += ".a";
  EXPECT_THAT(errors_of(kPlan, {deep + "=1}"}),
              ElementsAre(HasSubstr("found text that is no TOML value")));
  EXPECT_THAT(errors_of(kPlan, {"run.seed=1\ny=2"}), SizeIs(1));
}

TEST_F(PlanErrors, OfTextThatIsNoToml) {
  EXPECT_THAT(errors_of("[run\n"), ElementsAre(StartsWith("p.toml:1:")));
  EXPECT_THAT(errors_of("\xff"), ElementsAre(HasSubstr("not UTF-8")));
}

TEST_F(PlanErrors, OfFilesThatCannotBeRead) {
  PlanRequest request;
  request.file = (folder_ / "absent.toml").string();
  EXPECT_THAT([&] { read_plan(request); },
              ThrowsMessage<std::runtime_error>(HasSubstr("the plan cannot be read")));
  request.file = folder_.string();
  EXPECT_THAT([&] { read_plan(request); },
              ThrowsMessage<std::runtime_error>(HasSubstr("it is a directory")));
}

}  // namespace
}  // namespace ringbench::planner
