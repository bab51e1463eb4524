// The store of a run, as `resume`, `table` and `csv` read it.
#include "bench/run/store.hpp"

#include "bench/run/chosen.hpp"
#include "bench/run/table.hpp"
#include "bench/search/search_store.hpp"
#include "bench/search/search_table.hpp"
#include "tests/fuzz/shm_file.hpp"

namespace {

using namespace ringbench;

void read(const Store& store) {
  store.provenance();
  store.inputs();
  store.progress();
  store.limit_rounds();
  stored_choice(store);
  store.csv();
  is_search(store) ? search_table(store) : table(store);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& file = fuzz::shm_file(data, size);
  return fuzz::read_or_refuse(file.path(), [&] { read(Store::open(file.path())); });
}
