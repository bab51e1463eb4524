// A BPF object from its skeleton to a Program. For the sources that use libbpf.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "impls/kernel/interrupter.hpp"
#include "impls/kernel/libbpf.hpp"
#include "impls/kernel/options.hpp"
#include "impls/kernel/spawner.hpp"

namespace ringbench::kernel {

[[noreturn]] inline void refuse(const char* what, int error) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(error < 0 ? -error : error)));
}

inline bpf_link* attach(const bpf_program* program) {
  bpf_link* const link = bpf_program__attach(program);
  if (link == nullptr) {
    throw std::runtime_error(fmt::format("cannot attach {} to its tracepoint: {}",
                                         bpf_program__name(program), std::strerror(errno)));
  }
  return link;
}

struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
struct Interrupts {
  std::vector<std::unique_ptr<bpf_link, DestroyLink>> links;
  std::vector<int> fds;
};

inline void enter_cpus(int map_fd, const std::vector<unsigned>& cpus) {
  for (std::uint32_t p = 0; p < cpus.size(); ++p) {
    const std::uint32_t number = p + 1;
    if (const int error = bpf_map_update_elem(map_fd, &cpus[p], &number, BPF_ANY); error != 0) {
      refuse("the kernel does not take a producer's CPU", error);
    }
  }
}

// Has an interrupt of each producer's CPU run the program. The links go with the object that `keep`
// belongs to.
inline void interrupt_cpus(const bpf_program* program, const Geometry& geometry,
                           const Options& options, Interrupts& keep) {
  for (const auto cpu : geometry.cpus) {
    auto event = open_interrupt(options, cpu);
    const int fd = event.get();
    std::unique_ptr<bpf_link, DestroyLink> link(bpf_program__attach_perf_event(program, fd));
    if (!link) refuse("cannot attach the program to an interrupt", errno);
    event.release();  // the link's from now on
    keep.links.push_back(std::move(link));
    keep.fds.push_back(fd);
  }
}

// Of the programs that there are, only those of the driver are loaded.
template <class Skeleton>
void choose_programs(Skeleton& opened, const Options& options) {
  const auto& driver = option(options, kDriver);
  const bool interrupted = uses_interrupts(options);
  bpf_program__set_autoload(opened.progs.batch, driver == "test_run" || interrupted);
  bpf_program__set_autoload(opened.progs.system_call, driver == "syscall");
  for (auto* const program :
       {opened.progs.enlist, opened.progs.on_fork, opened.progs.on_exec, opened.progs.on_exit}) {
    bpf_program__set_autoload(program, driver == "lifecycle");
  }
  if constexpr (requires { opened.progs.on_interrupt; }) {
    bpf_program__set_autoload(opened.progs.on_interrupt, interrupted);
  }
}

template <class Skeleton>
void attach_syscall(Skeleton& object, Program& program) {
  object.links.system_call = attach(object.progs.system_call);
  program.on_syscall_fd = bpf_program__fd(object.progs.system_call);
  program.token = object.rodata->settings.token;
}

template <class Skeleton>
void attach_lifecycle(Skeleton& object, const Geometry& geometry, Program& program) {
  enter_cpus(bpf_map__fd(object.maps.producer_of_cpu), geometry.cpus);
  object.links.on_fork = attach(object.progs.on_fork);
  object.links.on_exec = attach(object.progs.on_exec);
  object.links.on_exit = attach(object.progs.on_exit);
  program.enlist_fd = bpf_program__fd(object.progs.enlist);
  program.spawner = std::make_shared<Spawner>(geometry.cpus);
}

template <class Skeleton>
void attach_interrupts(Skeleton& object, const Geometry& geometry, const Options& options,
                       Interrupts& keep, Program& program) {
  if constexpr (requires { object.progs.on_interrupt; }) {
    enter_cpus(bpf_map__fd(object.maps.producer_of_cpu), geometry.cpus);
    interrupt_cpus(object.progs.on_interrupt, geometry, options, keep);
    program.interrupt_fds = keep.fds;
  }
}

// Each producer's counts, and those of its interrupts.
inline void map_states(const bpf_map* map, std::uint64_t wakeup_every, Program& program) {
  const auto count = bpf_map__max_entries(map);
  program.states_mapping = Mapping(bpf_map__fd(map), sizeof(producer_state) * count,
                                   PROT_READ | PROT_WRITE, 0, "the producers' counts");
  program.states = {reinterpret_cast<producer_state*>(program.states_mapping.data()), count};
  for (auto& state : program.states) state.until_wakeup = wakeup_every;
}

// `overhead`: bytes of a record in front of its payload. Opens, lets `prepare` set up what is the
// object's own before it is loaded, loads, lets `fill` fill its maps, maps the producers' states
// and attaches what the driver asks for.
template <class Skeleton, class Prepare, class Fill>
std::pair<Program, Skeleton*> load_object(const Geometry& geometry, const Options& options,
                                          std::uint32_t overhead, Prepare&& prepare, Fill&& fill) {
  auto interrupts = std::make_shared<Interrupts>();
  std::shared_ptr<Skeleton> object(Skeleton::open(), [interrupts](Skeleton* skeleton) {
    interrupts->links.clear();
    Skeleton::destroy(skeleton);
  });
  if (!object) refuse("libbpf cannot open the BPF object", errno);
  const auto settings = settings_of(geometry, options, overhead);
  object->rodata->settings = settings;
  bpf_map__set_max_entries(object->maps.producers,
                           static_cast<__u32>(geometry.ring_of.size()) + settings.interrupted);
  const auto highest_cpu = geometry.cpus.empty() ? 0 : std::ranges::max(geometry.cpus);
  bpf_map__set_max_entries(object->maps.producer_of_cpu, highest_cpu + 1);
  choose_programs(*object, options);
  prepare(*object);
  if (const int error = Skeleton::load(object.get()); error != 0) {
    refuse("the kernel does not load the BPF program", error);
  }
  fill(*object);

  Program program;
  map_states(object->maps.producers, settings.wakeup_every, program);
  const auto& driver = option(options, kDriver);
  if (driver == "test_run" || uses_interrupts(options)) {
    program.batch_fd = bpf_program__fd(object->progs.batch);
    program.batch = static_cast<unsigned>(number(options, kBatch));
  }
  if (driver == "syscall") attach_syscall(*object, program);
  if (driver == "lifecycle") attach_lifecycle(*object, geometry, program);
  if (uses_interrupts(options)) {
    attach_interrupts(*object, geometry, options, *interrupts, program);
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
