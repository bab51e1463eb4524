// A parameter whose value is what a file holds.
#pragma once

#include <compare>
#include <memory>
#include <string>

namespace ringbench {

// The same content is the same value, whatever the file is called and wherever it lies.
template <class T>
struct FromFile {
  std::string stem;  // of the file's name, for people
  std::string hash;  // fingerprint() of the content; empty: no file is named
  std::shared_ptr<const T> content;

  explicit operator bool() const { return content != nullptr; }
  const T* operator->() const { return content.get(); }
  const T& operator*() const { return *content; }
  friend bool operator==(const FromFile& a, const FromFile& b) { return a.hash == b.hash; }
  friend auto operator<=>(const FromFile& a, const FromFile& b) { return a.hash <=> b.hash; }
};

}  // namespace ringbench
