// The parameters of a cell as data: one table that reads configs, checks ranges, names cells,
// hashes ids, fills the store's columns and prints the list of keys.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/config/cell.hpp"

namespace ringbench {

// One value of a parameter, of the type of its member in Cell.
using Setting = std::variant<std::string, std::uint64_t, double, bool, std::vector<unsigned>,
                             FromFile<Trace>, FromFile<SizeList>>;

struct Parameter {
  using Member = std::variant<std::string Cell::*, std::uint64_t Cell::*, double Cell::*,
                              bool Cell::*, std::vector<unsigned> Cell::*, FromFile<Trace> Cell::*,
                              FromFile<SizeList> Cell::*>;
  std::string_view key;
  std::string_view unit;  // empty for words, counts and switches
  std::string_view summary;
  Member member;
  std::span<const std::string_view> allowed{};  // for words: the choices
  double min = 0;  // for numbers, each CPU of a list too: both ends are allowed
  double max = std::numeric_limits<double>::max();
  bool power_of_two = false;
  // False: without a meaning for the cell.
  bool (*applies)(const Cell&) = [](const Cell&) { return true; };
  std::string_view scope{};  // `applies` in words; empty: it always does
  // At its default it is no part of the id: it changes nothing then, and a cell of a store from
  // before there was this parameter is still the same cell.
  bool silent_at_default = false;
};

// Every key of a cell but `transport` and the transport's own options, in the order of the store's
// columns.
std::span<const Parameter> parameters();
const Parameter* find_parameter(std::string_view key);  // nullptr: no such key

Setting setting_of(const Parameter& parameter, const Cell& cell);
// The setting must be of the member's type.
void assign(const Parameter& parameter, Cell& cell, const Setting& setting);
// Whether the cell has the value of Cell{}; gives it that value.
bool is_default(const Parameter& parameter, const Cell& cell);
void set_default(const Parameter& parameter, Cell& cell);
// As names and ids spell it: shortest decimal that reads back as the same number, true/false, a
// list's elements joined with '+', a file as the stem of its name, '@' and its hash.
std::string text_of(const Setting& setting);
std::string default_of(const Parameter& parameter);  // text_of the value in Cell{}
std::string allowed_of(const Parameter& parameter);  // in words, e.g. "an integer from 1 to 1024"

// "an integer from 8 to 65000 (bytes)", "a power of two from ..."; bounds are cut to 63 bits.
std::string integer_range(double min, double max, bool power_of_two, std::string_view unit);
std::string number_range(double min, double max, std::string_view unit);
// "a", "b" or "c"
std::string choices(std::span<const std::string_view> words);

using Value = std::variant<std::monostate, std::int64_t, double, std::string>;  // monostate: NULL
// NULL where the parameter does not apply; switches are 0 and 1, lists and files are spelt as
// text_of does.
Value value_of(const Parameter& parameter, const Cell& cell);

// transport/key:value/...: producers, bytes and record_size first, where they apply; then the
// transport's options and the other parameters where they apply and differ from their default. As
// different as the ids are.
std::string name_of(const Cell& cell);
// 16 hex digits, the fingerprint() of the transport, its options and every parameter that applies
// and has a say: the same cell has the same id everywhere. A file counts with its content alone.
std::string id_of(const Cell& cell);

}  // namespace ringbench
