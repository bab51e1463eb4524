# A caller that ignores what reserve() gives must not compile: checked with this compiler at every configure, because the
# contract promises it. Sets IGNORED_RESERVATION, which goes into the provenance of every store.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/../../impls/transport.hpp)
set(source ${CMAKE_CURRENT_LIST_DIR}/ignored_reservation.cpp)
set(as_the_project -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
set(target_type ${CMAKE_TRY_COMPILE_TARGET_TYPE})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # nothing is linked

function(try_caller result output)
  try_compile(compiled SOURCES ${source} NO_CACHE
              CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${CMAKE_CURRENT_LIST_DIR}/../..
              COMPILE_DEFINITIONS ${as_the_project} ${ARGN} OUTPUT_VARIABLE told
              CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  set(${result} ${compiled} PARENT_SCOPE)
  set(${output} "${told}" PARENT_SCOPE)
endfunction()

try_caller(used_compiles told)
if(NOT used_compiles)
  message(FATAL_ERROR "${source} uses what reserve() gives and does not compile, so the check that ignoring it "
                      "does not compile says nothing:\n${told}")
endif()
try_caller(ignored_compiles told -DRINGBENCH_IGNORE_RESERVATION)
if(ignored_compiles)
  message(FATAL_ERROR "${source} ignores what reserve() gives and compiles: Reservation in impls/transport.hpp "
                      "must be [[nodiscard]]")
endif()
if(NOT told MATCHES "a refused reserve is a drop that must be seen")
  message(FATAL_ERROR "${source} with RINGBENCH_IGNORE_RESERVATION does not compile, but for another reason than "
                      "[[nodiscard]]:\n${told}")
endif()
set(IGNORED_RESERVATION "does not compile")
set(CMAKE_TRY_COMPILE_TARGET_TYPE ${target_type})
