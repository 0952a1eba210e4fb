// What vLLM's save_sharded_state writes: model-rank-N-part-M.safetensors.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/ranks/collector.h"
#include "checkpoint/ranks/open_ranks.h"
#include "checkpoint/safetensors/safetensors.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

struct RankPart {
  uint64_t rank = 0, part = 0;
  auto operator<=>(const RankPart&) const = default;
};

// Of "model-rank-0-part-1.safetensors".
std::optional<RankPart> rank_part(std::string_view name) {
  constexpr std::string_view kStem = "model-rank-", kPart = "-part-";
  if (!name.starts_with(kStem) || !name.ends_with(kSafetensorsSuffix)) return std::nullopt;
  name = name.substr(kStem.size(), name.size() - kStem.size() - kSafetensorsSuffix.size());
  const size_t at = name.find(kPart);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rank = decimal(name.substr(0, at)), part = decimal(name.substr(at + kPart.size()));
  if (!rank || !part) return std::nullopt;
  return RankPart{*rank, *part};
}

// By rank and part; empty unless all safetensors of the folder are such parts.
std::map<RankPart, std::string> rank_parts(const fs::path& folder) {
  const auto names = list_files(folder, kSafetensorsSuffix);
  const auto indexes = list_files(folder, kSafetensorsIndexSuffix);
  std::map<RankPart, std::string> out;
  if (!names || !indexes || !indexes->empty()) return out;
  for (const std::string& name : *names) {
    const auto part = rank_part(name);
    if (!part) return {};
    out.emplace(*part, name);
  }
  return out;
}

Status add_rank_part(const fs::path& path, uint64_t rank, RankCollector& collector) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto header = read_safetensors_header(*file);
  if (!header) {
    if (header.error().code() == ErrorCode::io) return std::move(header).error();
    return std::move(header).error().within(file->name());
  }
  for (Tensor& tensor : header->tensors) tensor.file = collector.next_file();
  const std::string name = file->name();
  auto status = collector.add(rank, *std::move(file), std::move(header->tensors));
  if (!status) return std::move(status).error().within(name);
  return {};
}

Result<uint64_t> count_ranks(const fs::path& folder, const std::map<RankPart, std::string>& parts) {
  std::set<uint64_t> ranks;
  for (const auto& [part, name] : parts) ranks.insert(part.rank);
  const uint64_t count = *ranks.rbegin() + 1;
  if (count > kRanksMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kRanksMax, " ranks"));
  }
  if (ranks.size() == count) return count;
  return malformed(
      cat(escaped(folder.string()), ": has files of ", ranks.size(), " of ", count, " ranks"));
}

}  // namespace

bool is_vllm_folder(const fs::path& folder) { return !rank_parts(folder).empty(); }

Result<Contents> open_vllm(const fs::path& folder) {
  const auto parts = rank_parts(folder);
  const auto ranks = count_ranks(folder, parts);
  if (!ranks) return ranks.error();
  RankCollector collector("vLLM", *ranks);
  const auto config = read_config(folder);
  if (config && config->heads) {
    collector.set_attention({*config->heads, config->kv_heads.value_or(*config->heads)});
  }
  for (const auto& [part, name] : parts) {
    auto status = check_inside(folder, folder / name);
    if (status) status = add_rank_part(folder / name, part.rank, collector);
    if (!status) return std::move(status).error();
  }
  if (auto status = collector.join(); !status) return std::move(status).error();
  return collector.take();
}

}  // namespace wmk::checkpoint
