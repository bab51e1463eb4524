// Numbers for people.
#pragma once

#include <string>
#include <string_view>

namespace ringbench::planner {

std::string in_bytes(double bytes);  // three digits: "256 MiB", "1.5 KiB"; exact: text_of_bytes
std::string in_percent(double fraction);  // three digits: "12.3 %", "0.0012 %"; "0 %" for nothing
std::string in_count(double count);       // "6.78 M", "128 k", "12"
std::string in_ns(double ns);             // "35 ns", "1.2 us", "3.4 ms"
// By the unit of a figure or an input: "ratio", "bytes", "records/s", "ns", "us", any other word.
std::string in_unit(double value, std::string_view unit);

}  // namespace ringbench::planner
