// Ctrl-C, and SIGTERM alike: the first one asks to stop after the running trial, the second one
// ends the process at once with status 130.
#pragma once

#include <signal.h>

namespace ringbench {

// Listens while it lives, and restores what was there before. One at a time.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

bool interrupted();  // since the last handler was made

}  // namespace ringbench
