#include "checkpoint/ranks/collector.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace wmk::checkpoint {

RankCollector::RankCollector(std::string_view format, uint64_t ranks) : ranks_(ranks) {
  contents_.format = format;
}

Status RankCollector::add(uint64_t rank, ReadFile&& file, std::vector<Tensor>&& tensors) {
  if (auto status = check_limits(contents_, tensors.size()); !status) return status;
  for (Tensor& tensor : tensors) {
    // A state of FP8 scaling.
    if (tensor.name.ends_with("_extra_state")) continue;
    auto& of_ranks = parts_[tensor.name];
    of_ranks.resize(ranks_);
    if (of_ranks[rank]) {
      return malformed(
          cat("tensor '", escaped(tensor.name.substr(0, 200)), "': occurs twice on rank ", rank));
    }
    of_ranks[rank] = std::move(tensor);
  }
  contents_.files.push_back(std::move(file));
  if (parts_.size() > kTensorsMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " tensors"));
  }
  return {};
}

// Megatron's linear_fc1 has rows of gate and up if there are twice as many as linear_fc2 has
// columns; else rows of up alone.
Split RankCollector::split_for(const std::string& name, const Tensor& tensor) const {
  const Split split = split_of(name, tensor.shape.size());
  const size_t at = name.rfind("linear_fc1.");
  if (split != Split::gate_up || at == std::string::npos) return split;
  const auto down = parts_.find(name.substr(0, at) + "linear_fc2.weight");
  if (down == parts_.end() || !down->second[0] || down->second[0]->shape.size() != 2) {
    return Split::unknown;
  }
  const uint64_t units = down->second[0]->shape[1], rows = tensor.shape[0];
  if (rows == units) return Split::outputs;
  return rows / 2 == units && rows % 2 == 0 ? Split::gate_up : Split::unknown;
}

Status RankCollector::join() {
  uint64_t unknown = 0;
  std::string first_unknown;
  std::vector<std::pair<std::string, Split>> splits;
  for (const auto& [name, parts] : parts_) {
    const auto missing = std::find(parts.begin(), parts.end(), std::nullopt);
    if (missing != parts.end()) {
      return malformed(cat("tensor '", escaped(name.substr(0, 200)), "': rank ",
                           missing - parts.begin(), " has no part of it"));
    }
    splits.emplace_back(name, split_for(name, *parts[0]));
  }
  for (const auto& [name, split] : splits) {
    RankTensors one{.name = name, .ranks = {}, .split = split, .attention = attention_};
    for (auto& part : parts_[name]) one.ranks.push_back(*std::move(part));
    auto joined = join_ranks(std::move(one));
    if (!joined) {
      return std::move(joined).error().within(cat("tensor '", escaped(name.substr(0, 200)), "'"));
    }
    if (*joined) {
      contents_.tensors.push_back(**std::move(joined));
    } else if (unknown++ == 0) {
      first_unknown = escaped(name.substr(0, 200));
    }
  }
  if (unknown > 0) {
    note(cat(unknown, unknown == 1 ? " tensor" : " tensors",
             " left out because it is not known how they are cut: '", first_unknown, "'"));
  }
  std::sort(contents_.tensors.begin(), contents_.tensors.end(),
            [](const Tensor& a, const Tensor& b) {
              return std::tie(a.file, a.offset, a.name) < std::tie(b.file, b.offset, b.name);
            });
  return {};
}

}  // namespace wmk::checkpoint
