// The TOML document of a config, or why the text is none.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "bench/config/config_errors.hpp"

namespace ringbench {

// Nothing in the text can be relied on after an error of syntax, so the first one ends it: throws
// ConfigError.
toml::table parse_document(const std::string& text, ConfigErrors& errors);

}  // namespace ringbench
