// What a calibration tells a plan, and what is wrong with one.
#include "planner/calibration.hpp"

#include <gmock/gmock.h>
#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include "tests/planner/plan_files.hpp"

namespace ringbench::planner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;
using Json = nlohmann::json;

std::string this_host() {
  utsname name{};
  uname(&name);
  return name.nodename;
}

Json interval(double value, double low, double high) {
  return {{"value", value}, {"low", low}, {"high", high}};
}

Json input(const std::string& key, double value, double low, double high) {
  auto made = interval(value, low, high);
  made["key"] = key;
  made["unit"] = "ns";
  return made;
}

// Of this machine, with every pair of its CPUs 40 ns apart.
Json sound() {
  const Machine machine = this_machine();
  Json made{{"format", "ringbench calibration"},
            {"version", 1},
            {"host", this_host()},
            {"topology", machine.xml},
            {"cpus", Json::array()},
            {"inputs",
             Json::array({input("producer.alone_ns", 21, 20, 22), input("producer.moves", 7, 6, 8),
                          input("consumer.of_old", 90, 80, 99),
                          input("consumer.wakeup_ns", 5000, 4000, 6000),
                          input("latency.l3_ns", 41, 39, 43)})},
            {"pairs", Json::array()},
            {"missing", Json::array({{{"key", "consumer.ns_per_record"},
                                      {"why", "there was one CPU"},
                                      {"mend", "use two"}}})}};
  for (const auto& a : machine.cpus) {
    made["cpus"].push_back(a.os);
    for (const auto& b : machine.cpus) {
      if (a.os < b.os)
        made["pairs"].push_back(
            {{"cpu_a", a.os}, {"cpu_b", b.os}, {"latency_ns", interval(40, 36, 50)}});
    }
  }
  return made;
}

class CalibrationFile : public PlanFiles {
 protected:
  Calibration parse(const Json& json) const {
    return read_calibration(write("c.json", json.dump()));
  }

  std::string error(const Json& json) const { return error_of(json.dump()); }
  std::string error_of(const std::string& text) const {
    try {
      read_calibration(write("c.json", text));
    } catch (const std::runtime_error& error) {
      return without_folder({error.what()}).front();
    }
    return "none";
  }

  Plan plan(const std::string& text, const Json& json) const {
    PlanRequest request;
    request.file = write("p.toml", text);
    request.calibration = write("c.json", json.dump());
    return read_plan(request);
  }
};

const std::string kHere =
    replaced(replaced(kPlan, "package:2 [numa] l3:2 core:2 pu:1", "this"), "linux-6.10", "ringbuf");

TEST_F(CalibrationFile, IsReadFromItsFolderOrItself) {
  std::filesystem::create_directories(folder_ / "dir");
  const auto path = write("dir/calibration.json", sound().dump());
  EXPECT_EQ(read_calibration((folder_ / "dir").string()).path, path);
  const auto calibration = read_calibration(path);
  EXPECT_EQ(calibration.host, this_host());
  EXPECT_EQ(calibration.cpus.size(), this_machine().cpus.size());
  EXPECT_EQ(calibration.inputs.at("producer.alone_ns"), (Uncertain{21, 20, 22}));
  EXPECT_FALSE(calibration.inputs.contains("consumer.of_old")) << "no input of a plan";
  EXPECT_EQ(calibration.missing.at("consumer.ns_per_record"), "there was one CPU; use two");
}

TEST_F(CalibrationFile, GivesWhatThePlanDoesNotState) {
  const auto read = plan(kHere + "[producer]\nalone_ns = 33\n", sound());
  EXPECT_EQ(read.inputs.value.alone_ns, 33);
  EXPECT_EQ(read.inputs.origins.at("producer.alone_ns"), Origin::stated);
  EXPECT_EQ(read.inputs.value.moves, 7);
  EXPECT_EQ(read.inputs.low.moves, 6);
  EXPECT_EQ(read.inputs.origins.at("producer.moves"), Origin::calibrated);
  EXPECT_EQ(read.inputs.high.wakeup_ns, 6000);
  EXPECT_EQ(read.inputs.origins.at("consumer.ns_per_poll"), Origin::assumed);
}

// It is this project's ring that was measured.
TEST_F(CalibrationFile, DoesNotTellOfAKernelsProducers) {
  const auto read = plan(replaced(kHere, "ringbuf", "linux-5.8"), sound());
  EXPECT_EQ(read.inputs.origins.at("producer.alone_ns"), Origin::assumed);
  EXPECT_EQ(read.inputs.value.moves, find_code_path("linux-5.8")->moves.value);
  EXPECT_EQ(read.inputs.origins.at("consumer.wakeup_ns"), Origin::calibrated);
}

TEST_F(CalibrationFile, OfThisMachineGivesItsPairs) {
  const auto read = plan(kHere, sound());
  EXPECT_TRUE(read.calibrated_here);
  if (read.cpus.size() < 2) return;
  ASSERT_TRUE(read.latencies);
  EXPECT_TRUE(read.all_pairs_measured);
  EXPECT_EQ((*read.latencies)(0, 1), 40);
  EXPECT_EQ((*read.latencies)(1, 0), 40);
  EXPECT_EQ((*read.latencies)(0, 0), 0);
  EXPECT_DOUBLE_EQ(read.inputs.low.latency_factor, 36.0 / 40);
  EXPECT_DOUBLE_EQ(read.inputs.high.latency_factor, 50.0 / 40);
  EXPECT_EQ(read.inputs.origins.at("latency.factor"), Origin::calibrated);
}

TEST_F(CalibrationFile, WithAPairMissingOrAClassStatedGivesClasses) {
  auto lacking = sound();
  if (lacking["pairs"].empty()) GTEST_SKIP() << "one CPU has no pair";
  const auto stated = plan(kHere + "[latency]\nl3_ns = 30\n", lacking);
  EXPECT_FALSE(stated.latencies);
  EXPECT_EQ(stated.inputs.value.l3_ns, 30);
  lacking["pairs"].erase(0);
  const auto read = plan(kHere, lacking);
  EXPECT_TRUE(read.calibrated_here);
  EXPECT_FALSE(read.latencies);
  EXPECT_FALSE(read.all_pairs_measured);
  EXPECT_EQ(read.inputs.value.l3_ns, 41);
  EXPECT_EQ(read.inputs.origins.at("latency.l3_ns"), Origin::calibrated);
}

TEST_F(CalibrationFile, OfAnotherMachineIsOfUseButNotFromHere) {
  auto elsewhere = sound();
  elsewhere["host"] = "elsewhere";
  EXPECT_FALSE(plan(kHere, elsewhere).calibrated_here);
  EXPECT_FALSE(plan(kHere, elsewhere).latencies);
  EXPECT_EQ(plan(kHere, elsewhere).inputs.origins.at("producer.alone_ns"), Origin::calibrated);
  auto rebuilt = sound();
  rebuilt["topology"] = machine_from_synthetic("package:3 core:5 pu:7").xml;
  EXPECT_FALSE(plan(kHere, rebuilt).calibrated_here);
  EXPECT_FALSE(plan(replaced(kPlan, "linux-6.10", "ringbuf"), sound()).calibrated_here);
}

TEST_F(CalibrationFile, WhoseTopologyIsNoneIsToBeMadeAgain) {
  auto broken = sound();
  broken["topology"] = "<topology>";
  EXPECT_THAT([&] { plan(kHere, broken); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("c.json: the field \"topology\" is not hwloc XML"),
                        HasSubstr("make it again with './run.sh calibrate'"))));
}

TEST_F(CalibrationFile, SaysWhyAnInputIsMissing) {
  try {
    plan(replaced(kHere, "ns_per_record = 500\n", ""), sound());
    FAIL() << "nothing tells consumer.ns_per_record";
  } catch (const ConfigError& error) {
    EXPECT_THAT(without_folder(error.errors()),
                ElementsAre(AllOf(HasSubstr("consumer.ns_per_record: missing"),
                                  HasSubstr("c.json could not measure it: there was one CPU; use "
                                            "two"))));
  }
}

TEST_F(CalibrationFile, IsRefusedInASentence) {
  EXPECT_THAT(error_of("{"), StartsWith("c.json: it is no JSON from byte"));
  EXPECT_THAT(error_of("[]"), StartsWith("c.json: it is no JSON object; make it again with "
                                         "'./run.sh calibrate'"));
  EXPECT_THAT(error_of("{\"format\": \"x\"}"), HasSubstr("format: found \"x\"; allowed"));
  EXPECT_THAT(error_of("{}"), HasSubstr("the field \"format\" is missing"));
  EXPECT_THAT(error_of("[1e999]"), StartsWith("c.json: it holds a number that is too large"));
  EXPECT_THAT([&] { read_calibration((folder_ / "absent").string()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("the calibration cannot be read")));
  EXPECT_THAT([&] { read_calibration(folder_.string()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/calibration.json: the calibration")));
}

TEST_F(CalibrationFile, NamesWhatIsWrong) {
  const auto with = [&](const std::string& pointer, const Json& value) {
    auto json = sound();
    json[Json::json_pointer(pointer)] = value;
    return error(json);
  };
  EXPECT_THAT(with("/version", 2), HasSubstr("version: found 2; this program reads version 1"));
  // So deep that to write it out would end the process.
  const auto deep = std::string(500'000, '[') + std::string(500'000, ']');
  EXPECT_THAT(error_of("{\"format\": \"ringbench calibration\", \"version\": " + deep + "}"),
              HasSubstr("version: found an array; this program reads version 1"));
  EXPECT_THAT(with("/host", 3), HasSubstr("the field \"host\" is no text"));
  EXPECT_THAT(with("/inputs", 3), HasSubstr("inputs: found no array"));
  EXPECT_THAT(with("/inputs/0", 3), HasSubstr("inputs: found no object"));
  EXPECT_THAT(
      with("/inputs/0/value", nullptr),
      HasSubstr("producer.alone_ns: the field \"value\" is null; allowed: a finite number"));
  EXPECT_THAT(with("/inputs/0/low", -1), HasSubstr("the field \"low\" is -1"));
  EXPECT_THAT(with("/inputs/0/high", "x"), HasSubstr("the field \"high\" is \"x\""));
  EXPECT_THAT(with("/inputs/0/low", 30), HasSubstr("found low 30, value 21 and high 22"));
  EXPECT_THAT(with("/inputs/0/high", 1e10), HasSubstr("producer.alone_ns: found 20 to"));
  EXPECT_THAT(with("/cpus", Json::array({-1})),
              HasSubstr("cpus: found -1, which is no CPU number"));
  const Json pair{{"cpu_a", 0}, {"cpu_b", 0}, {"latency_ns", interval(1, 1, 1)}};
  EXPECT_THAT(with("/pairs", Json::array({pair})),
              HasSubstr("pair of CPUs 0 and 0: a CPU makes no pair with itself"));
  auto zero = pair;
  zero["cpu_b"] = 1;
  zero["latency_ns"] = interval(1, 0, 1);
  EXPECT_THAT(with("/pairs", Json::array({zero})), HasSubstr("a latency is above 0"));
  zero.erase("latency_ns");
  EXPECT_THAT(with("/pairs", Json::array({zero})),
              HasSubstr("pair of CPUs 0 and 1: the field \"latency_ns\" is missing"));
}

}  // namespace
}  // namespace ringbench::planner
