// A pickle. If it contains a state dict, it is put into an archive, which is opened as a PyTorch
// file.
#include "checkpoint/torch/state_dict.h"
#include "checkpoint/torch/unpickle.h"
#include "tests/fuzz/support/workbench.h"
#include "tests/unit/checkpoint/torch/zip_builder.h"

namespace {

constexpr size_t kStorageBytesMax = 4096;

std::string archive(std::string_view pickle, const wmk::checkpoint::PickleValues& values) {
  using wmk::test::ZipPart;
  std::vector<ZipPart> parts = {{"archive/data.pkl", std::string(pickle)},
                                {"archive/byteorder", "little"}};
  for (const auto& storage : values.storages) {
    const size_t width = storage.type.dtype ? wmk::checkpoint::bits(*storage.type.dtype) / 8 : 1;
    std::string data(std::min<uint64_t>(storage.count, kStorageBytesMax) * width, '\x3c');
    parts.push_back({"archive/data/" + std::string(storage.key), std::move(data)});
  }
  parts.push_back({"archive/version", "3\n"});
  return wmk::test::zip_of(parts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  const auto bytes = wmk::as_bytes(input);
  const auto values = wmk::checkpoint::unpickle({bytes.begin(), bytes.end()});
  if (!values || values->storages.size() > 16) return 0;
  if (!wmk::checkpoint::find_state_dict(*values)) return 0;
  wmk::fuzz::open_and_explore(bench.put("model.pt", archive(input, *values)));
  return 0;
}
