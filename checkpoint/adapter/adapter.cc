#include "checkpoint/adapter/adapter.h"

#include <utility>

#include "base/text.h"
#include "checkpoint/adapter/config.h"
#include "checkpoint/adapter/gguf_lora.h"
#include "checkpoint/adapter/merger.h"
#include "checkpoint/model_folder.h"

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

// The file of an adapter in GGUF: `path`, or the only *.gguf of the folder; else empty.
fs::path gguf_adapter_of(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return is_gguf_adapter(path) ? path : fs::path();
  const auto files = list_files(path, ".gguf");
  if (!files || files->size() != 1 || has_safetensors(path)) return {};
  return is_gguf_adapter(path / files->front()) ? path / files->front() : fs::path();
}

Result<Contents> merge_gguf(Contents base, const Config& base_config, const fs::path& file) {
  auto lora = read_gguf_lora(file);
  if (!lora) return std::move(lora).error();
  auto opened = open_gguf(file, folder_of(file));
  if (!opened) return std::move(opened).error();
  AdapterMerger merger(std::move(base), *std::move(opened), lora->config);
  merger.of_gguf(*lora, base_config);
  if (auto status = merger.merge(); !status) return std::move(status).error();
  return std::move(merger).finish();
}

}  // namespace

bool is_adapter(const fs::path& path) {
  if (!gguf_adapter_of(path).empty()) return true;
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

Result<std::string> named_base(const fs::path& adapter) {
  auto config = read_adapter_config(folder_of(adapter));
  if (!config) return std::move(config).error();
  return config->base;
}

Result<Contents> merge_adapter(Contents base, const Config& base_config, const fs::path& adapter) {
  if (const fs::path file = gguf_adapter_of(adapter); !file.empty()) {
    auto merged = merge_gguf(std::move(base), base_config, file);
    if (!merged) return std::move(merged).error().within(escaped(file.filename().string()));
    return merged;
  }
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
