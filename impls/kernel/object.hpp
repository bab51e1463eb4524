// A BPF object from its skeleton to a Program. For the sources that use libbpf.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

#include "impls/kernel/libbpf.hpp"
#include "impls/kernel/options.hpp"

namespace ringbench::kernel {

[[noreturn]] inline void refuse(const char* what, int error) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(error < 0 ? -error : error)));
}

// `overhead`: bytes of a record in front of its payload. Opens, lets `prepare` set up what is the
// object's own before it is loaded, loads, maps the producers' states and attaches what the driver
// asks for.
template <class Skeleton, class Prepare>
std::pair<Program, Skeleton*> load_object(const Geometry& geometry, const Options& options,
                                          std::uint32_t overhead, Prepare&& prepare) {
  std::shared_ptr<Skeleton> object(Skeleton::open(),
                                   [](Skeleton* skeleton) { Skeleton::destroy(skeleton); });
  if (!object) refuse("libbpf cannot open the BPF object", errno);
  const auto producers = static_cast<__u32>(geometry.ring_of.size());
  const bool by_syscall = option(options, kDriver) == "syscall";
  object->rodata->settings = settings_of(geometry, options, overhead);
  bpf_map__set_max_entries(object->maps.producers, producers);
  bpf_program__set_autoload(object->progs.batch, !by_syscall);
  bpf_program__set_autoload(object->progs.system_call, by_syscall);
  prepare(*object);
  if (const int error = Skeleton::load(object.get()); error != 0) {
    refuse("the kernel does not load the BPF program", error);
  }

  Program program;
  const auto bytes = sizeof(producer_state) * producers;
  program.states_mapping = Mapping(bpf_map__fd(object->maps.producers), bytes,
                                   PROT_READ | PROT_WRITE, 0, "the producers' counts");
  program.states = {reinterpret_cast<producer_state*>(program.states_mapping.data()), producers};
  for (auto& state : program.states) state.until_wakeup = object->rodata->settings.wakeup_every;
  if (by_syscall) {
    object->links.system_call = bpf_program__attach(object->progs.system_call);
    if (object->links.system_call == nullptr) refuse("cannot attach to sys_enter", errno);
    program.on_syscall_fd = bpf_program__fd(object->progs.system_call);
    program.token = object->rodata->settings.token;
  } else {
    program.batch_fd = bpf_program__fd(object->progs.batch);
    program.batch = static_cast<unsigned>(number(options, kBatch));
  }
  program.object = object;
  return {std::move(program), object.get()};
}

// Before it is made: the ring's mode, and its pages on the node that the harness asks for.
inline void prepare_ring(bpf_map* map, const Geometry& geometry, const Options& options,
                         unsigned ring) {
  if (overwrites(options)) {
    bpf_map__set_map_flags(map, bpf_map__map_flags(map) | kRingOverwriteFlag);
  }
  if (ring >= geometry.nodes.size() || geometry.nodes[ring].size() != 1) return;
  bpf_map__set_map_flags(map, bpf_map__map_flags(map) | BPF_F_NUMA_NODE);
  bpf_map__set_numa_node(map, geometry.nodes[ring].front());
}

}  // namespace ringbench::kernel
