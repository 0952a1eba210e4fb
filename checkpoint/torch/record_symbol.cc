#include "checkpoint/torch/record_symbol.h"

namespace wmk::checkpoint {
namespace {

struct RecordName {
  std::string_view module, name;
  PickleSymbolKind kind;
  PickleClass of_class = PickleClass::other;
};

constexpr auto kRecord = PickleSymbolKind::record;
constexpr auto kInert = PickleSymbolKind::inert;
constexpr std::string_view kMetadataModule = "torch.distributed.checkpoint.metadata";
constexpr std::string_view kShardsModule = "torch.distributed._shard.sharded_tensor.metadata";

constexpr RecordName kDistributed[] = {
    {kMetadataModule, "Metadata", kRecord, PickleClass::metadata},
    {kMetadataModule, "TensorStorageMetadata", kRecord, PickleClass::tensor_metadata},
    {kMetadataModule, "TensorProperties", kRecord, PickleClass::tensor_properties},
    {kMetadataModule, "ChunkStorageMetadata", kRecord, PickleClass::chunk_metadata},
    {kMetadataModule, "MetadataIndex", kRecord, PickleClass::index},
    {kMetadataModule, "BytesStorageMetadata", kRecord},
    {kMetadataModule, "StorageMeta", kRecord},
    {kMetadataModule, "_MEM_FORMAT_ENCODING", kInert},
    {"torch.distributed.checkpoint.filesystem", "_StorageInfo", kRecord, PickleClass::place},
    // Before torch 2.2.
    {kShardsModule, "TensorProperties", kRecord, PickleClass::tensor_properties},
    {kShardsModule, "MEM_FORMAT_ENCODING", kInert},
    // Megatron Core before 0.16.
    {"megatron.core.dist_checkpointing.strategies.torch", "MCoreMetadata", kRecord,
     PickleClass::metadata},
    {"torch.serialization", "_get_layout", kInert},
    {"pathlib", "PosixPath", kInert},
    {"pathlib", "PurePosixPath", kInert},
    {"pathlib", "WindowsPath", kInert},
    {"pathlib._local", "PosixPath", kInert},
    // How some versions of Python pickle a member of an enumeration.
    {"builtins", "getattr", kInert},
};

// Nothing of these is used: options, random states, states of FP8 scaling.
constexpr RecordName kTraining[] = {
    {"argparse", "Namespace", kRecord},
    {"types", "SimpleNamespace", kRecord},
    {"numpy", "ndarray", kInert},
    {"numpy", "dtype", kInert},
    {"numpy.core.multiarray", "_reconstruct", kInert},
    {"numpy.core.multiarray", "scalar", kInert},
    {"numpy._core.multiarray", "_reconstruct", kInert},
    {"numpy._core.multiarray", "scalar", kInert},
    {"_io", "BytesIO", kInert},
    {"signal", "Signals", kInert},
    {"datetime", "timedelta", kInert},
    {"torch.nn.functional", "silu", kInert},
    {"torch._C._nn", "silu", kInert},
    {"torch._C._nn", "gelu", kInert},
    {"builtins", "getattr", kInert},
    {"builtins", "bytearray", kInert},
    {"pathlib", "PosixPath", kInert},
    {"torch.serialization", "_get_layout", kInert},
};

constexpr std::string_view kTrainingPackages[] = {"megatron.", "transformer_engine.", "mindspeed.",
                                                  "mindspeed_llm."};

}  // namespace

std::optional<PickleSymbol> find_record_symbol(std::string_view module, std::string_view name,
                                               PickleNames names) {
  const auto symbol_of = [](const RecordName& known) {
    return PickleSymbol{known.kind, std::nullopt, false, known.of_class};
  };
  if (names == PickleNames::distributed) {
    for (const RecordName& known : kDistributed) {
      if (known.module == module && known.name == name) return symbol_of(known);
    }
  }
  if (names != PickleNames::training) return std::nullopt;
  for (const RecordName& known : kTraining) {
    if (known.module == module && known.name == name) return symbol_of(known);
  }
  for (const std::string_view package : kTrainingPackages) {
    if (module.starts_with(package)) return PickleSymbol{kInert, std::nullopt};
  }
  return std::nullopt;
}

}  // namespace wmk::checkpoint
