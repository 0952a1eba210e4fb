// Megatron-LM's own checkpoints: mp_rank_NN[_PPP]/model_optim_rng.pt.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/distributed/open_distributed.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/ranks/collector.h"
#include "checkpoint/ranks/open_ranks.h"
#include "checkpoint/ranks/rank_folder.h"
#include "checkpoint/torch/file.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLayers = "decoder.layers.";
constexpr const char* kConvert =
    "convert it to Megatron Core with Megatron's tools/checkpoint/convert.py, or to the Hugging "
    "Face layout";

// The number of the layer in "decoder.layers.3.mlp.linear_fc1.weight".
std::optional<uint64_t> layer_in_stage(std::string_view name) {
  if (!name.starts_with(kLayers)) return std::nullopt;
  name.remove_prefix(kLayers.size());
  return decimal(name.substr(0, name.find('.')));
}

// The layers of each stage are numbered from 0. How many there are.
uint64_t renumber_layers(std::vector<Tensor>& tensors, uint64_t first) {
  uint64_t layers = 0;
  for (Tensor& tensor : tensors) {
    const auto layer = layer_in_stage(tensor.name);
    if (!layer || *layer > kTensorsMax) continue;
    layers = std::max(layers, *layer + 1);
    const size_t end = tensor.name.find('.', kLayers.size());
    tensor.name.replace(kLayers.size(), end - kLayers.size(), std::to_string(first + *layer));
  }
  return layers;
}

// The reader takes one dictionary; a model in several must not be read in part.
Status check_one_dictionary(const TorchFile& read) {
  for (const std::string& note : read.notes) {
    if (note.find("['language_model']") != std::string::npos) {
      return Error(ErrorCode::unsupported, "is of Megatron-LM before Megatron Core")
          .with_hint(kConvert);
    }
    if (note.find("['model0']") != std::string::npos ||
        note.find("['model1']") != std::string::npos) {
      return Error(ErrorCode::unsupported, "has several stages of an interleaved pipeline")
          .with_hint(kConvert);
    }
  }
  return {};
}

Result<TorchFile> read_rank(const ReadFile& file, uint32_t index) {
  auto read = read_torch_file(file, index, PickleNames::training);
  if (!read) return read;
  if (auto status = check_one_dictionary(*read); !status) return std::move(status).error();
  return read;
}

// Errors name the folder of the rank, since all files have one name.
Error of_rank(Error&& error, const fs::path& path) {
  if (error.code() == ErrorCode::io) return std::move(error);
  return std::move(error).within(
      escaped((path.parent_path().filename() / path.filename()).string()));
}

Result<fs::path> megatron_folder(const fs::path& folder) {
  return has_megatron_ranks(folder) ? Result<fs::path>(folder) : last_iteration(folder);
}

}  // namespace

bool is_megatron_folder(const fs::path& folder) {
  const auto found = megatron_folder(folder);
  if (!found || has_usual_model(folder)) return false;
  return has_megatron_ranks(*found) || (*found != folder && is_distributed_folder(*found));
}

Result<Contents> open_megatron(const fs::path& named) {
  const auto folder = megatron_folder(named);
  if (!folder) return folder.error();
  if (*folder != named) {
    if (auto status = check_inside(named, *folder); !status) return std::move(status).error();
  }
  if (!has_megatron_ranks(*folder)) return open_distributed(*folder);
  const auto ranks = list_megatron_ranks(*folder);
  if (!ranks) return ranks.error();
  RankCollector collector("Megatron", ranks->stages.front().size());
  uint64_t first_layer = 0;
  for (const auto& stage : ranks->stages) {
    uint64_t layers = 0;
    for (uint64_t rank = 0; rank < stage.size(); ++rank) {
      auto file = ReadFile::open(stage[rank]);
      if (!file) return std::move(file).error();
      auto read = read_rank(*file, collector.next_file());
      if (!read) return of_rank(std::move(read).error(), stage[rank]);
      layers = renumber_layers(read->tensors, first_layer);
      auto status = collector.add(rank, *std::move(file), std::move(read->tensors));
      if (!status) return of_rank(std::move(status).error(), stage[rank]);
    }
    first_layer += layers;
  }
  if (auto status = collector.join(); !status) return std::move(status).error();
  return collector.take();
}

}  // namespace wmk::checkpoint
