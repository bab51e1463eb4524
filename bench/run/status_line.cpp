#include "bench/run/status_line.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace ringbench {
namespace {

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

StatusLine::StatusLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

StatusLine::~StatusLine() {
  if (open_) std::fputc('\n', stderr);
}

void StatusLine::keep(const std::string& text) {
  fmt::print(stderr, "{}{}\n", terminal_ ? "\r\x1b[K" : "", text);
  open_ = false;
}

void StatusLine::show(std::string text) {
  if (!terminal_) return keep(text);
  text.resize(std::min(text.size(), terminal_width() - 1));
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  open_ = true;
}

}  // namespace ringbench
