#include "topology/synthetic.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace ringbench {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEFx";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

// What is left of a description. Each function takes what it is named after from its beginning.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  bool at_end() const { return left_.empty(); }
  bool at_letter() const { return !at_end() && kLetters.find(left_.front()) != left_.npos; }
  void spaces() { run_of(" \n"); }

  bool one(char c) {
    const bool there = left_.starts_with(c);
    if (there) left_.remove_prefix(1);
    return there;
  }

  bool type() {
    if (!at_letter()) return false;
    while (run_of(kLetters) + run_of(kDigits) > 0) {
    }
    return true;
  }

  // None at all are attributes, too.
  bool attributes() {
    if (!one('(')) return true;
    left_.remove_prefix(std::min(left_.find_first_of("()[]"), left_.size()));
    return one(')');
  }

  std::optional<unsigned long> count() {
    if (at_end() || kDigits.find(left_.front()) == left_.npos) return {};
    const std::string digits(left_.substr(0, left_.find_first_not_of(kHexDigits)));
    char* end = nullptr;
    const auto count = std::strtoul(digits.c_str(), &end, 0);  // as hwloc does
    left_.remove_prefix(static_cast<std::size_t>(end - digits.c_str()));
    return count;
  }

 private:
  std::size_t run_of(std::string_view characters) {
    const auto length = std::min(left_.find_first_not_of(characters), left_.size());
    left_.remove_prefix(length);
    return length;
  }

  std::string_view left_;
};

}  // namespace

std::optional<SyntheticSize> synthetic_size(std::string_view description) {
  Reader text(description);
  SyntheticSize size;
  if (!text.attributes()) return {};
  for (text.spaces(); !text.at_end(); text.spaces()) {
    if (text.one('[')) {
      if (!text.type() || !text.attributes() || !text.one(']')) return {};
      continue;
    }
    if (text.at_letter() && !(text.type() && text.one(':'))) return {};
    const auto count = text.count();
    if (!count || !text.attributes()) return {};
    size.pus *= static_cast<double>(std::max(1UL, *count));
    size.siblings = std::max(size.siblings, *count);
  }
  return size;
}

}  // namespace ringbench
