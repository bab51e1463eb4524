#include "topology/survival.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace ringbench {
namespace {

[[noreturn]] void do_and_leave(bool (*work)(const std::string&), const std::string& input) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL})
    std::signal(signal, SIG_DFL);  // whoever waits is told by the signal itself
  const rlimit no_core{0, 0}, seconds{kSurvivalSeconds, kSurvivalSeconds};
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_CPU, &seconds);
  _exit(work(input) ? 0 : 1);
}

}  // namespace

bool survives(bool (*work)(const std::string&), const std::string& input) {
  rusage before{}, needed{};
  getrusage(RUSAGE_SELF, &before);
  const pid_t child = fork();
  if (child < 0) return true;  // then it can only be tried here
  if (child == 0) do_and_leave(work, input);
  int status = 0;
  while (wait4(child, &status, 0, &needed) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
         needed.ru_maxrss - before.ru_maxrss <= kSurvivalKib;
}

}  // namespace ringbench
