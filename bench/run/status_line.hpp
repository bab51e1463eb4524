// One line on stderr that says where a run stands: written over on a terminal, appended to a log.
#pragma once

#include <string>

namespace ringbench {

class StatusLine {
 public:
  StatusLine();
  ~StatusLine();  // ends the line
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void show(std::string text);
  void keep(const std::string& text);  // stays when the next one comes

 private:
  bool terminal_;
  bool open_ = false;
};

}  // namespace ringbench
