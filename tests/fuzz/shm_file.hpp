// For what reads files alone: one file in memory, its content exchanged from input to input.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/refusal.hpp"

namespace ringbench::fuzz {

class ShmFile {
 public:
  ShmFile()
      : path_(fmt::format("/dev/shm/ringbench-fuzz.{}", getpid())),
        file_(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) fail(path_ + " cannot be made");
  }
  ~ShmFile() {
    close(file_);
    unlink(path_.c_str());
  }
  ShmFile(const ShmFile&) = delete;
  ShmFile& operator=(const ShmFile&) = delete;

  const std::string& path() const { return path_; }

  void put(const std::uint8_t* data, std::size_t size) const {
    if (ftruncate(file_, 0) != 0 || pwrite(file_, data, size, 0) != static_cast<ssize_t>(size))
      fail(path_ + " cannot be written");
  }

 private:
  std::string path_;
  int file_;
};

inline const ShmFile& shm_file(const std::uint8_t* data, std::size_t size) {
  static const ShmFile file;
  file.put(data, size);
  return file;
}

}  // namespace ringbench::fuzz
