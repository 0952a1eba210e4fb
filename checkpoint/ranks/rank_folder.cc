#include "checkpoint/ranks/rank_folder.h"

#include <array>
#include <map>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/ranks/collector.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRankPrefix = "mp_rank_";
constexpr const char* kLastIteration = "latest_checkpointed_iteration.txt";
constexpr uint64_t kIterationBytesMax = 64;
constexpr auto kRankFiles = std::to_array<std::string_view>({"model_optim_rng.pt", "model_rng.pt"});

// Digits, of which there may be leading zeros.
std::optional<uint64_t> rank_number(std::string_view text) {
  if (text.empty() || text.size() > 9 ||
      text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::stoull(std::string(text));
}

std::vector<std::string> folders_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) out.push_back(at->path().filename().string());
  }
  return out;
}

Result<fs::path> file_of(const fs::path& folder) {
  for (const std::string_view name : kRankFiles) {
    std::error_code ignored;
    if (fs::exists(folder / name, ignored)) return folder / name;
  }
  return malformed(cat(escaped(folder.filename().string()), ": has no model_optim_rng.pt"));
}

}  // namespace

std::optional<MegatronRank> parse_megatron_rank(std::string_view name) {
  if (!name.starts_with(kRankPrefix)) return std::nullopt;
  name.remove_prefix(kRankPrefix.size());
  std::array<uint64_t, 3> numbers = {};
  for (size_t i = 0; i < numbers.size(); ++i) {
    const size_t end = name.find('_');
    const auto number = rank_number(name.substr(0, end));
    if (!number) return std::nullopt;
    numbers[i] = *number;
    if (end == std::string_view::npos) return MegatronRank{numbers[0], numbers[1], numbers[2]};
    name.remove_prefix(end + 1);
  }
  return std::nullopt;
}

bool has_megatron_ranks(const fs::path& folder) {
  for (const std::string& name : folders_in(folder)) {
    if (parse_megatron_rank(name)) return true;
  }
  return false;
}

Result<fs::path> last_iteration(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kLastIteration, ignored)) return folder;
  auto text = read_text(folder / kLastIteration, kIterationBytesMax);
  if (!text) return std::move(text).error();
  const std::string_view word = trimmed(*text);
  if (word == "release") return folder / "release";
  const auto number = rank_number(word);
  if (!number) return malformed(cat(kLastIteration, ": is not a number"));
  std::string digits = std::to_string(*number);
  if (digits.size() < 7) digits.insert(0, 7 - digits.size(), '0');
  return folder / cat("iter_", digits);
}

Result<MegatronFolder> list_megatron_ranks(const fs::path& folder) {
  std::map<MegatronRank, std::string> found;
  uint64_t tensor_ranks = 0, stages = 0;
  for (const std::string& name : folders_in(folder)) {
    const auto rank = parse_megatron_rank(name);
    if (!rank) continue;
    if (rank->expert > 0) {
      return Error(ErrorCode::unsupported, cat(escaped(name),
                                               ": experts are divided among ranks, "
                                               "which is not read"))
          .with_hint("convert the model to the Hugging Face layout first");
    }
    if (!found.emplace(*rank, name).second) {
      return malformed(cat(escaped(name), ": is the second folder of one rank"));
    }
    tensor_ranks = std::max(tensor_ranks, rank->tensor + 1);
    stages = std::max(stages, rank->pipeline + 1);
  }
  if (tensor_ranks > kRanksMax || stages > kRanksMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kRanksMax, " ranks"));
  }
  MegatronFolder out;
  for (uint64_t stage = 0; stage < stages; ++stage) {
    out.stages.emplace_back();
    for (uint64_t rank = 0; rank < tensor_ranks; ++rank) {
      const auto name = found.find({rank, stage, 0});
      if (name == found.end()) {
        return malformed(cat(escaped(folder.string()), ": there is no folder of rank ", rank,
                             " of stage ", stage));
      }
      auto file = file_of(folder / name->second);
      if (!file) return std::move(file).error();
      if (auto status = check_inside(folder, *file); !status) return std::move(status).error();
      out.stages.back().push_back(*std::move(file));
    }
  }
  return out;
}

}  // namespace wmk::checkpoint
