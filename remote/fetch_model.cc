// Which files of a model are asked for, and in which order; see remote/remote_model.h.
#include <algorithm>

#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/text/tokenizer_files.h"
#include "checkpoint/weight_sets.h"
#include "remote/file_names.h"
#include "remote/remote_model.h"

namespace wmk::remote {

namespace fs = std::filesystem;

namespace {

// What config.json names as its weights. A name that is not allowed is an error of the checkpoint,
// which has better words for it.
std::optional<fs::path> configured_weights(const fs::path& folder) {
  auto path = checkpoint::configured_path(folder);
  return path ? *std::move(path) : std::nullopt;
}

}  // namespace

Status RemoteModel::mount_all(const std::vector<fs::path>& names) {
  return parallel_for(names.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    if (is_there(names[i])) return {};  // another index lists it too
    auto refused = mount(names[i]);
    if (!refused) return std::move(refused).error();
    return *refused ? in_words(*refused) : Status();
  });
}

Status RemoteModel::mount_index(const fs::path& name) {
  auto text = read_text(folder_.path() / name, kSmallBytesMax);
  if (!text) return std::move(text).error();
  const auto shards = shards_of_index(*std::move(text));
  if (!shards) return Error(shards.error()).within(target(name).url.shown());
  std::vector<fs::path> names;
  for (const std::string& shard : *shards) names.push_back(name.parent_path() / shard);
  return mount_all(names);
}

Status RemoteModel::download_all(const std::vector<fs::path>& names) {
  return parallel_for(names.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    if (is_there(names[i])) return {};
    auto refused = download(names[i]);
    return refused ? Status() : std::move(refused).error();
  });
}

Status RemoteModel::download_companions(const fs::path& subfolder) {
  std::vector<fs::path> names;
  for (const std::string_view name : companion_names()) names.push_back(subfolder / name);
  if (Status status = download_all(names); !status) return status;
  names.clear();
  for (const std::string& name : checkpoint::listed_tokenizers(folder_.path() / subfolder)) {
    names.push_back(subfolder / name);
  }
  return download_all(names);
}

Status RemoteModel::fetch_file(const std::string& name) {
  const bool is_index = is_index_name(name);
  auto refused = is_index ? download(name) : mount(name);
  if (!refused) return std::move(refused).error();
  if (*refused) return in_words(*refused);
  const auto parts = parts_of(name);
  Status status = is_index ? mount_index(name) : mount_all({parts.begin(), parts.end()});
  return status ? download_companions("") : status;
}

Status RemoteModel::fetch_folder() {
  // The first request says which commit a revision is.
  if (auto refused = download("config.json"); !refused) return std::move(refused).error();
  std::vector<fs::path> names;
  for (const std::string_view name : usual_weights()) names.emplace_back(name);
  for (const std::string_view name : usual_indexes()) names.emplace_back(name);
  const auto configured = configured_weights(folder_.path());
  if (configured && std::find(names.begin(), names.end(), *configured) == names.end()) {
    names.push_back(*configured);
  }
  const auto is_index = [](const fs::path& name) {
    return is_index_name(name.filename().string());
  };
  std::vector<Refusal> refusals(names.size());
  Status status = parallel_for(names.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    auto refused = is_index(names[i]) ? download(names[i]) : mount(names[i]);
    if (!refused) return std::move(refused).error();
    refusals[i] = *std::move(refused);
    return {};
  });
  for (size_t i = 0; i < names.size() && status; ++i) {
    if (!refusals[i] && is_index(names[i])) status = mount_index(names[i]);
  }
  if (!status) return status;
  if (mounts_.empty()) {
    Error error = in_words(refusals.front());
    if (!error.hint().empty()) return error;
    return std::move(error).with_hint(
        "name the weights file (.safetensors, .gguf) or the index (.index.json): folders of a web "
        "server cannot be listed");
  }
  const bool is_below = configured && configured->has_parent_path() && is_there(*configured);
  if (is_below) status = download_companions(configured->parent_path());
  return status ? download_companions("") : status;
}

}  // namespace wmk::remote
