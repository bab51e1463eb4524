// What the conformance suites run on: every transport of the list, with every combination of its
// options, over a geometry of the kind that its row asks for.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impls/transport.hpp"

namespace ringbench::conformance {

constexpr std::size_t kRing = 4096;  // bytes: soon full

struct Variant {
  const Row* row;
  Options options;
};
std::string name_of(const Variant& variant);                    // letters, digits and underscores
std::string name(const testing::TestParamInfo<Variant>& info);  // of a test of this variant
std::ostream& operator<<(std::ostream& out, const Variant& variant);

// Every value of the enumerated options; of a numeric one that counts, its fallback and a small
// value. Of the transports that threads write.
std::vector<Variant> all_variants();
std::vector<Variant> variants_where(const std::function<bool(const Variant&)>& predicate);

// The same of the transports that make their events themselves, at a call (WholeProducer).
std::vector<Variant> emitted_variants_where(const std::function<bool(const Variant&)>& predicate);

// Predicates.
bool delivers(const Variant& variant);  // false: a transport without rings, which carries nothing
bool has_several_rings(const Variant& variant);  // given several producers
bool has_fallback_numbers(const Variant& variant);
bool has(const Variant& variant, std::string_view key, std::string_view value);
bool notifies(const Variant& variant, std::string_view word);  // the option `notify` has this value
// A consumer may sleep without a bound; under the other notify rules some records wake nobody.
bool wakes_every_sleeper(const Variant& variant);

std::size_t changed_options(const Variant& variant);  // that are not the row's fallbacks

// Complete options: the row's fallbacks, and what is given instead.
Options options_of(const Row& row,
                   std::initializer_list<std::pair<std::string_view, std::string_view>> given = {});

// One ring, one for each producer, or one for each two of them, as the row asks.
Geometry geometry_for(const Row& row, std::size_t ring_bytes, unsigned producers);

}  // namespace ringbench::conformance
