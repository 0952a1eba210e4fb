#include "checkpoint/adapter/adapter.h"

#include <utility>

#include "base/text.h"
#include "checkpoint/adapter/config.h"
#include "checkpoint/adapter/merger.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSafetensorsName = "adapter_model.safetensors";
constexpr std::string_view kTorchName = "adapter_model.bin";

fs::path folder_of(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return path;
  return path.has_parent_path() ? path.parent_path() : ".";
}

Result<Contents> open_adapter(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder / kSafetensorsName, ignored)) {
    return open_safetensors(folder / kSafetensorsName, folder);
  }
  return open_torch(folder / kTorchName, folder);
}

}  // namespace

bool is_adapter(const fs::path& path) {
  std::error_code ignored;
  const fs::path folder = folder_of(path);
  if (!fs::exists(folder / kAdapterConfigName, ignored)) return false;
  if (folder != path) {
    return path.filename() == kSafetensorsName || path.filename() == kTorchName;
  }
  const bool has_adapter =
      fs::exists(folder / kSafetensorsName, ignored) || fs::exists(folder / kTorchName, ignored);
  const bool has_model = fs::exists(folder / "model.safetensors", ignored) ||
                         fs::exists(folder / "model.safetensors.index.json", ignored) ||
                         fs::exists(folder / "pytorch_model.bin", ignored);
  return has_adapter && !has_model;
}

Error adapter_without_base(const fs::path& path) {
  return Error(ErrorCode::invalid_argument,
               cat(escaped(path.string()),
                   ": is an adapter, not a complete model, and holds no marked weights"))
      .with_hint("--base MODEL merges it while reading (detect, trace, inspect)");
}

Result<Contents> merge_adapter(Contents base, const fs::path& adapter) {
  const fs::path folder = folder_of(adapter);
  const auto config = read_adapter_config(folder);
  if (!config) return Error(config.error()).within(escaped(folder.string()));
  auto opened = open_adapter(folder);
  if (!opened) return std::move(opened).error();
  AdapterMerger merger(std::move(base), *std::move(opened), *config);
  if (auto status = merger.merge(); !status) {
    return std::move(status).error().within(escaped(folder.string()));
  }
  return std::move(merger).finish();
}

}  // namespace wmk::checkpoint
