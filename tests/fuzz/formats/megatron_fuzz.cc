// One rank of Megatron: a PyTorch file that may hold options and random states beside the model.
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  std::filesystem::create_directories(bench.folder() / "mp_rank_00");
  bench.put("mp_rank_00/model_optim_rng.pt", wmk::fuzz::as_input(data, size));
  wmk::fuzz::open_and_explore(bench.folder());
  return 0;
}
