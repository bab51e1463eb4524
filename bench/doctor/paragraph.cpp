#include "bench/doctor/paragraph.hpp"

#include "bench/doctor/proc_files.hpp"

namespace ringbench {

std::string paragraph(const std::string& head, const std::string& text) {
  constexpr std::size_t kColumns = 100;
  std::string lines, line = head;
  bool empty = true;  // but for the head
  for (const auto& word : words_of(text)) {
    if (!empty && line.size() + 1 + word.size() > kColumns) {
      lines += line + '\n';
      line = std::string(head.size(), ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return lines + line + '\n';
}

}  // namespace ringbench
