# The kernel's transports: BPF programs, compiled for the running kernel (CO-RE), and the sources that need
# libbpf. Where a tool is missing, not_built.cpp stands in their place and says which.
set(here ${CMAKE_SOURCE_DIR}/impls/kernel)
set(generated ${CMAKE_BINARY_DIR}/generated)
set(vmlinux_btf /sys/kernel/btf/vmlinux)

find_program(BPF_CLANG clang)
find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin)
pkg_check_modules(libbpf IMPORTED_TARGET libbpf>=1.1)

set(missing "")
if(NOT BPF_CLANG)
  list(APPEND missing "clang, which compiles BPF programs (package clang)")
endif()
if(NOT BPFTOOL)
  list(APPEND missing "bpftool, which makes their skeletons (package bpftool)")
endif()
if(NOT libbpf_FOUND)
  list(APPEND missing "libbpf 1.1 or later, which loads them (package libbpf-dev)")
endif()
if(NOT EXISTS ${vmlinux_btf})
  list(APPEND missing "${vmlinux_btf}, the kernel's types (a kernel with CONFIG_DEBUG_INFO_BTF)")
endif()

file(GLOB programs RELATIVE ${here} CONFIGURE_DEPENDS ${here}/*.bpf.c)
list(TRANSFORM programs REPLACE "\\.bpf\\.c$" "")
file(GLOB sources RELATIVE ${here} CONFIGURE_DEPENDS ${here}/*.cpp)
set(libbpf_sources libbpf_readers.cpp)
foreach(program ${programs})
  list(APPEND libbpf_sources ${program}.cpp)
endforeach()

if(missing)
  list(JOIN missing "; " text)
  message(STATUS "The kernel's transports are not built, for want of ${text}")
  set(not_built "this build has no BPF programs, for want of ${text}; install it, delete the build folder and build again")
  list(REMOVE_ITEM sources ${libbpf_sources})
else()
  list(REMOVE_ITEM sources not_built.cpp)
  add_custom_command(OUTPUT ${generated}/vmlinux.h
    COMMAND ${BPFTOOL} btf dump file ${vmlinux_btf} format c > ${generated}/vmlinux.h
    VERBATIM COMMENT "vmlinux.h from the running kernel")
  file(GLOB bpf_headers CONFIGURE_DEPENDS ${here}/*.h)
  foreach(program ${programs})
    set(object ${generated}/${program}.bpf.o)
    set(skeleton ${generated}/${program}.skel.h)
    add_custom_command(OUTPUT ${skeleton}
      COMMAND ${BPF_CLANG} -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror
              -Wno-missing-declarations # vmlinux.h has some that declare nothing
              -I${generated} -I${CMAKE_SOURCE_DIR} -c ${here}/${program}.bpf.c -o ${object}
      COMMAND ${BPFTOOL} gen skeleton ${object} name ${program}_bpf > ${skeleton}
      DEPENDS ${here}/${program}.bpf.c ${bpf_headers} ${generated}/vmlinux.h
      VERBATIM COMMENT "BPF program ${program}")
    target_sources(impls PRIVATE ${skeleton})
    # A skeleton names the types of the program's constants, and does not say where they are defined.
    set_source_files_properties(${here}/${program}.cpp PROPERTIES COMPILE_OPTIONS "-include;${here}/abi.h")
  endforeach()
  set(not_built "")
  target_link_libraries(impls PRIVATE PkgConfig::libbpf)
endif()

list(TRANSFORM sources PREPEND ${here}/)
target_sources(impls PRIVATE ${sources})
file(CONFIGURE OUTPUT generated/bpf_support.hpp CONTENT
  "#pragma once\n\n// Why the kernel's transports are not part of this build; empty: they are.\ninline constexpr const char* kNotBuilt = \"${not_built}\";\n")
