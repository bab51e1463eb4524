#include "bench/trial/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace ringbench {
namespace {

const sigset_t kInterrupts = [] {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}();

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(),
                          std::string("cannot start a process to measure in: ") + what);
}

void write_all(int fd, const Bytes& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto written = write(fd, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads any more
    done += static_cast<std::size_t>(written);
  }
}

// Whatever is thrown must end here: the frames above are the parent's.
[[noreturn]] void be_child(int fd, pid_t parent, const std::function<Bytes()>& work) noexcept {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(EXIT_FAILURE);  // it died before we could ask
  write_all(fd, work());
  // Not exit(): threads of work that hung may still be running.
  _exit(EXIT_SUCCESS);
}

// Until the child closes its end or the time is up. Nothing: the time is up.
std::optional<Bytes> read_all(int fd, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto deadline =
      Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1e3));
  Bytes bytes;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd readable{fd, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<std::uint8_t, 65'536> chunk;
    const auto got = read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + got);
  }
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format(
        "was ended by signal {} ({}){}", WTERMSIG(status), strsignal(WTERMSIG(status)),
        WTERMSIG(status) == SIGKILL ? ", as the kernel does where memory runs out: see dmesg" : "");
  }
  return fmt::format("ended with status {} and no result", WEXITSTATUS(status));
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

}  // namespace

ChildAnswer run_in_child(const std::function<Bytes()>& work, double patience_s) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  const pid_t parent = getpid();
  sigset_t before{};
  sigprocmask(SIG_BLOCK, &kInterrupts, &before);  // for the child, from its first instruction on
  const pid_t child = fork();
  if (child == 0) {
    close(pipe_ends[0]);
    be_child(pipe_ends[1], parent, work);
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) fail("fork");
  close(pipe_ends[1]);
  auto bytes = read_all(pipe_ends[0], patience_s);
  close(pipe_ends[0]);
  if (!bytes) kill(child, SIGKILL);
  const int status = wait_for(child);
  if (!bytes) return {{}, "did not answer and was killed"};
  if (bytes->empty() || !WIFEXITED(status)) return {{}, how_it_ended(status)};
  return {std::move(*bytes), {}};
}

}  // namespace ringbench
