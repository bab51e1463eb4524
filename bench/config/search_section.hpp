// Reads the section [search] of a config.
#pragma once

#include <toml++/toml.h>

#include "bench/config/config_errors.hpp"
#include "bench/config/search_settings.hpp"

namespace ringbench {

SearchSettings read_search(const toml::table& table, ConfigErrors& errors);

}  // namespace ringbench
