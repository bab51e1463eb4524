// Stands for topology/survival.cpp: one child for many inputs, as a fork takes longer than what is
// tried in it.
#include "topology/survival.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "tests/fuzz/refusal.hpp"

namespace ringbench {
namespace {

constexpr unsigned kMostInputs = 10'000;  // hwloc leaves some bytes behind of each that it refuses

struct Request {
  bool (*work)(const std::string&);
  std::size_t size;
  std::array<char, 1 << 20> input;
};

long most_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Of a CPU, until the child is ended; 0: no more.
void end_after(long seconds) {
  const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

class Child {
 public:
  bool does(bool (*work)(const std::string&), const std::string& input) {
    if (input.size() > request_->input.size()) fuzz::fail("more input than a child takes");
    if (left_ == 0) begin();
    --left_;
    request_->work = work;
    request_->size = input.size();
    std::memcpy(request_->input.data(), input.data(), input.size());
    char verdict = 0;
    const bool answered =
        send(parents_, &verdict, 1, MSG_NOSIGNAL) == 1 && recv(parents_, &verdict, 1, 0) == 1;
    if (!answered || left_ == 0) end();
    return answered && verdict == 1;
  }

 private:
  void begin() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      fuzz::fail("no socket pair");
    process_ = fork();
    if (process_ < 0) fuzz::fail("no child");
    parents_ = ends[0];
    if (process_ == 0) {
      close(ends[0]);
      serve(ends[1]);
    }
    close(ends[1]);
    left_ = kMostInputs;
  }

  void end() {
    close(parents_);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
    left_ = 0;
  }

  [[noreturn]] void serve(int parent) const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGPROF})
      std::signal(signal, SIG_DFL);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    const long before = most_memory_kib();
    char verdict = 0;
    while (recv(parent, &verdict, 1, 0) == 1) {
      end_after(kSurvivalSeconds);
      const bool done = request_->work({request_->input.data(), request_->size});
      end_after(0);
      if (most_memory_kib() - before > kSurvivalKib) break;
      verdict = done ? 1 : 0;
      if (send(parent, &verdict, 1, MSG_NOSIGNAL) != 1) break;
    }
    _exit(0);
  }

  Request* request_ = static_cast<Request*>(
      mmap(nullptr, sizeof(Request), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  int parents_ = -1;
  pid_t process_ = -1;
  unsigned left_ = 0;  // inputs until it is replaced
};

}  // namespace

bool survives(bool (*work)(const std::string&), const std::string& input) {
  static Child child;
  return child.does(work, input);
}

}  // namespace ringbench
