// Stores that cannot be made, opened or written, and writers that do not live to finish.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "bench/run/store.hpp"
#include "tests/bench/run/store_rig.hpp"

namespace ringbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The status that a forked child ends with; -signal if a signal ends it.
int in_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

TEST_F(StoreTest, RefusesToWriteOverAnother) {
  Store::create(folder);
  EXPECT_THAT(refusal([&] { Store::create(folder); }),
              AllOf(HasSubstr(file().string()),
                    HasSubstr("exists already: resume it, or name another folder")));
}

TEST_F(StoreTest, RefusesAFolderThatCannotBeMade) {
  std::ofstream(folder / "in_the_way") << "a file";
  EXPECT_THAT(refusal([&] { Store::create(folder / "in_the_way" / "run"); }),
              AllOf(HasSubstr("cannot make the folder"), HasSubstr("--out")));
}

TEST_F(StoreTest, RefusesAPlaceThatIsNotWritable) {
  if (!fs::exists("/proc/self")) GTEST_SKIP() << "needs /proc, where nobody may make a file";
  EXPECT_THAT(refusal([] { Store::create("/proc/self"); }),
              AllOf(HasSubstr("/proc/self/run.sqlite"), HasSubstr("make the folder writable")));
}

TEST_F(StoreTest, RefusesWhatIsNotThere) {
  EXPECT_THAT(refusal([&] { Store::open(folder); }), HasSubstr("there is no store at"));
  EXPECT_THAT(refusal([&] { Store::open(folder / "no_such_thing"); }),
              HasSubstr("there is no store at"));
}

TEST_F(StoreTest, RefusesWhatIsNoStore) {
  std::ofstream(file()) << std::string(4'096, 'x');
  EXPECT_THAT(refusal([&] { Store::open(folder); }),
              HasSubstr("it is not a store of ringbench, or damaged"));
}

TEST_F(StoreTest, RefusesAnotherSchemaVersion) {
  Store::create(folder);
  sql(file(), "PRAGMA user_version = 99");
  EXPECT_THAT(refusal([&] { Store::open(folder); }),
              HasSubstr("has schema version 99, this program knows 4"));
}

TEST_F(StoreTest, RefusesADamagedFile) {
  {
    Store store = Store::create(folder);
    for (std::uint64_t i = 0; i < 4; ++i) store.put_trial({"cell", i, 0}, "", large_result());
  }
  {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(4'096);
    stream << std::string(40'000, 'x');
  }
  EXPECT_THAT(refusal([&] { Store::open(folder).values("attempted"); }), HasSubstr("or damaged"));
}

TEST_F(StoreTest, RefusesAStatusThatThereIsNot) {
  {
    Store store = Store::create(folder);
    store.put_trial({"cell", 0, 0}, "", some_result());
  }
  sql(file(), "UPDATE trial SET status = 'fine'");
  EXPECT_THAT(
      refusal([&] { Store::open(folder).progress(); }),
      AllOf(HasSubstr("a trial has the status \"fine\""), HasSubstr("the file is damaged")));
}

// It would run for ever.
TEST_F(StoreTest, RefusesAViewInThePlaceOfATable) {
  Store::create(folder);
  sql(file(),
      "DROP TABLE provenance; CREATE VIEW provenance AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      "SELECT i + 1 FROM n) SELECT i AS key, i AS value FROM n");
  EXPECT_THAT(refusal([&] { Store::open(folder); }), HasSubstr("has the view or trigger"));
}

TEST_F(StoreTest, SaysThatAnotherProcessHoldsIt) {
  Store store = Store::create(folder);
  sqlite3* other = nullptr;
  sqlite3_open(file().c_str(), &other);
  sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  EXPECT_THAT(refusal([&] { store.put({{"a", "b"}}); }), HasSubstr("another process writes to it"));
  sqlite3_close(other);
  store.put({{"a", "b"}});
}

// A child stores one trial after the other until it is killed: what is there is whole, however the
// moment fell.
TEST_F(StoreTest, AKilledWriterLeavesNoHalfTrial) {
  const auto result = large_result();
  std::size_t buckets = result.distributions.reorder_density.buckets().size();
  for (const auto& [name, histogram] : named(result.distributions))
    buckets += histogram->buckets().size();
  std::mt19937 random(3);
  std::uint64_t next = 0;
  Store::create(folder);
  // Later and later, until a slow machine has got somewhere too.
  for (unsigned kills = 1; kills <= 8 || (next == 0 && kills <= 100); ++kills) {
    const pid_t child = fork();
    if (child == 0) {
      Store store = Store::open(folder);
      for (;; ++next) store.put_trial({"cell", next, 0}, "", result);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(10'000 + random() % (10'000 * kills)));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    Store store = Store::open(folder);
    EXPECT_EQ(one(file(), "PRAGMA integrity_check"), "ok");
    const auto stored = store.count_by_status()["ok"];
    EXPECT_EQ(one(file(), "SELECT count(*) FROM histogram"), std::to_string(stored * buckets));
    EXPECT_EQ(one(file(), "SELECT count(*) FROM producer"), std::to_string(stored * 2));
    EXPECT_EQ(
        one(file(), "SELECT count(*) FROM trial WHERE id NOT IN (SELECT trial_id FROM histogram)"),
        "0");
    next = stored;
  }
  EXPECT_GT(next, 0U) << "no child got as far as a whole trial";
}

// Stores trials until there is a StoreError, whose text it leaves in `said`; 0 if all went as it
// should.
int fill(const fs::path& folder, const fs::path& said) {
  Store store = Store::open(folder);
  std::uint64_t stored = 0;
  const auto text = refusal([&] {
    for (; stored < 10'000; ++stored) store.put_trial({"cell", stored, 0}, "", large_result());
  });
  std::ofstream(said) << text;
  const bool kept = store.count_by_status()["ok"] == stored && stored > 0;
  return kept && text != "no StoreError" ? 0 : 1;
}

TEST_F(StoreTest, AFullDiskIsSaidAndNothingIsLost) {
  if (mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP() << "needs the privilege to mount a small tmpfs (run as root)";
  }
  const fs::path said = folder.string() + ".said";
  Store::create(folder / "run");
  EXPECT_EQ(in_child([&] { return fill(folder / "run", said); }), 0);
  std::stringstream text;
  text << std::ifstream(said).rdbuf();
  EXPECT_THAT(text.str(), AllOf(HasSubstr("the disk is full: free some space, then resume"),
                                HasSubstr("trials stored so far are kept")));
  EXPECT_EQ(one(folder / "run/run.sqlite", "PRAGMA integrity_check"), "ok");
  fs::remove(said);
  umount2(folder.c_str(), MNT_DETACH);
}

TEST_F(StoreTest, AFileThatMayGrowNoFurtherLosesNothing) {
  const fs::path said = folder / "said";
  Store::create(folder / "run");
  EXPECT_EQ(in_child([&] {
              signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{400'000, 400'000};
              setrlimit(RLIMIT_FSIZE, &limit);
              return fill(folder / "run", said);
            }),
            0);
  EXPECT_EQ(one(folder / "run/run.sqlite", "PRAGMA integrity_check"), "ok");
  Store::open(folder / "run").put_trial({"cell", 10'000, 0}, "", some_result());
}

}  // namespace
}  // namespace ringbench
