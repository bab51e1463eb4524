# Writes generated/build_facts.hpp: what the store says of the program. Run at every build.
execute_process(COMMAND git describe --always --dirty --abbrev=12 WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(revision "unknown")
endif()
if(SANITIZER)
  string(APPEND FLAGS " -fsanitize=${SANITIZER}")
endif()
string(STRIP "${FLAGS}" FLAGS)
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#pragma once

namespace ringbench {

inline constexpr const char* kVersion = "@VERSION@";
inline constexpr const char* kGitRevision = "@revision@";
inline constexpr const char* kCompiler = "@COMPILER@";
inline constexpr const char* kBuildType = "@BUILD_TYPE@";
inline constexpr const char* kCompileFlags = "@FLAGS@";
inline constexpr const char* kIgnoredReservation = "@IGNORED_RESERVATION@";

}  // namespace ringbench
]])
