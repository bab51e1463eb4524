#include "bench/run/interruption.hpp"

#include <unistd.h>

namespace ringbench {
namespace {

volatile sig_atomic_t interrupts = 0;
std::string what_is_said;  // set before a signal is listened to

void on_interrupt(int /*signal*/) {
  interrupts = interrupts + 1;
  if (interrupts > 1) _exit(130);
  [[maybe_unused]] const auto written =
      write(STDERR_FILENO, what_is_said.data(), what_is_said.size());
}

}  // namespace

InterruptHandler::InterruptHandler(const std::string& running) {
  what_is_said = "\nfinishing " + running + "; once more to leave at once\n";
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
