#include "bench/run/interruption.hpp"

#include <unistd.h>

namespace ringbench {
namespace {

volatile sig_atomic_t interrupts = 0;

void on_interrupt(int /*signal*/) {
  interrupts = interrupts + 1;
  if (interrupts > 1) _exit(130);
  constexpr char kText[] = "\nfinishing the running trial; once more to leave at once\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof kText - 1);
}

}  // namespace

InterruptHandler::InterruptHandler() {
  interrupts = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

InterruptHandler::~InterruptHandler() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool interrupted() {
  return interrupts != 0;
}

}  // namespace ringbench
