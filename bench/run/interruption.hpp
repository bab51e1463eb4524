// Ctrl-C, and SIGTERM alike: the first one asks to stop after what is running, the second one
// ends the process at once with status 130.
#pragma once

#include <signal.h>

#include <string>

namespace ringbench {

// Listens while it lives, and restores what was there before. One at a time.
class InterruptHandler {
 public:
  // `running`: what is finished first, as the user is told.
  explicit InterruptHandler(const std::string& running = "the running trial");
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

bool interrupted();  // since the last handler was made

}  // namespace ringbench
