#include "remote/remote_model.h"

#include <algorithm>

#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "remote/file_names.h"
#include "remote/whole_download.h"

namespace wmk::remote {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kSmallTotalMax = 256ull << 20;
constexpr size_t kCommitDigits = 40;

bool is_commit(std::string_view text) {
  return text.size() == kCommitDigits && text.find_first_not_of(kHexDigits) == text.npos;
}

}  // namespace

Result<std::shared_ptr<const RemoteModel>> RemoteModel::open(std::shared_ptr<Network> network,
                                                             Place place) {
  auto folder = PrivateFolder::make("remote");
  if (!folder) return std::move(folder).error();
  const std::string name = place.target.url.file_name();
  std::shared_ptr<RemoteModel> model(
      new RemoteModel(std::move(network), std::move(place), *std::move(folder)));
  const bool is_file = is_index_name(name) || is_weights_name(name);
  if (!is_file) model->place_.target.url = model->place_.target.url.as_folder();
  model->path_ = is_file ? model->folder_.path() / name : model->folder_.path();
  Status status = is_file ? model->fetch_file(name) : model->fetch_folder();
  if (!status) return std::move(status).error();
  return std::shared_ptr<const RemoteModel>(std::move(model));
}

Target RemoteModel::target(std::string_view name) const {
  return {place_.target.url.beside(name), place_.target.token};
}

Status RemoteModel::pin(const std::string& commit) {
  const std::lock_guard lock(mutex_);
  if (!place_.repository || !is_commit(commit) || place_.repository->revision == commit) return {};
  place_.repository->revision = commit;
  auto url = address_of(*place_.repository);
  if (!url) return std::move(url).error();
  place_.target.url = *std::move(url);
  return {};
}

Error RemoteModel::refusal(std::string_view name, long status) const {
  Error error(ErrorCode::io,
              cat(target(name).url.shown(), ": the server answers with status ", status));
  if (!place_.repository || (status != 401 && status != 403)) return error;
  return std::move(error).with_hint(
      place_.target.token ? "the token does not give access to this repository, or there is none"
                          : "there is no such repository, or it needs a token (HF_TOKEN)");
}

Error RemoteModel::in_users_words(Error error) const {
  const std::string folder = escaped(folder_.path().string());
  std::string address = place_.target.url.beside("").shown();
  address.pop_back();  // '/'
  std::string text = error.message();
  for (size_t at = text.find(folder); at != text.npos; at = text.find(folder, at)) {
    text.replace(at, folder.size(), address);
    at += address.size();
  }
  return Error(error.code(), std::move(text)).with_hint(error.hint());
}

Result<long> RemoteModel::download(std::string_view name) {
  WholeDownload download(kSmallBytesMax);
  const Target wanted = target(name);
  auto fetched = network_->client.get(wanted, download);
  if (!fetched) return std::move(fetched).error();
  if (fetched->is_refused()) return fetched->answer.status;
  if (Status status = pin(fetched->answer.commit); !status) return std::move(status).error();
  {
    const std::lock_guard lock(mutex_);
    bytes_ += download.text().size();
    small_bytes_ += download.text().size();
    if (small_bytes_ > kSmallTotalMax) {
      return Error(ErrorCode::limit_exceeded,
                   cat(wanted.url.shown(), ": the files beside the weights have more than ",
                       kSmallTotalMax, " bytes"));
    }
  }
  auto status = write_whole(folder_.path() / name, as_bytes(download.text()), 0600, false);
  if (!status) return std::move(status).error();
  return 0;
}

Result<long> RemoteModel::mount(std::string_view name) {
  long refused = 0;
  auto file = RemoteFile::open(network_, target(name), refused, folder_.path());
  if (!file) return std::move(file).error();
  if (refused != 0) return refused;
  if (Status status = pin((*file)->commit()); !status) return std::move(status).error();
  const fs::path path = folder_.path() / name;
  if (Status status = write_whole(path, {}, 0600, false); !status) {
    return std::move(status).error();
  }
  const std::lock_guard lock(mutex_);
  bytes_ += (*file)->size();
  mounts_.emplace_back(path, *std::move(file));
  return 0;
}

Status RemoteModel::mount_all(const std::vector<std::string>& names) {
  return parallel_for(names.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    std::error_code ignored;
    if (fs::exists(folder_.path() / names[i], ignored)) return {};  // another index lists it too
    auto refused = mount(names[i]);
    if (!refused) return std::move(refused).error();
    return *refused == 0 ? Status() : refusal(names[i], *refused);
  });
}

Status RemoteModel::mount_index(std::string_view name) {
  const fs::path path = folder_.path() / name;
  auto text = read_text(path, kSmallBytesMax);
  if (!text) return std::move(text).error();
  auto shards = shards_of_index(*std::move(text));
  if (!shards) return std::move(shards).error().within(target(name).url.shown());
  return mount_all(*shards);
}

Status RemoteModel::download_companions() {
  const auto names = companion_names();
  return parallel_for(names.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    std::error_code ignored;
    if (fs::exists(folder_.path() / names[i], ignored)) return {};
    auto refused = download(names[i]);
    return refused ? Status() : std::move(refused).error();
  });
}

Status RemoteModel::fetch_file(const std::string& name) {
  const bool is_index = is_index_name(name);
  auto refused = is_index ? download(name) : mount(name);
  if (!refused) return std::move(refused).error();
  if (*refused != 0) return refusal(name, *refused);
  Status status = is_index ? mount_index(name) : mount_all(parts_of(name));
  return status ? download_companions() : status;
}

Status RemoteModel::fetch_folder() {
  // The first request says which commit a revision is.
  if (auto refused = download("config.json"); !refused) return std::move(refused).error();
  const auto indexes = usual_indexes();
  const auto weights = usual_weights();
  std::vector<long> statuses(indexes.size() + weights.size());
  Status status = parallel_for(statuses.size(), kConnectionsMax, [&](size_t i, unsigned) -> Status {
    auto refused = i < indexes.size() ? download(indexes[i]) : mount(weights[i - indexes.size()]);
    if (!refused) return std::move(refused).error();
    statuses[i] = *refused;
    return {};
  });
  if (!status) return status;
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (statuses[i] == 0) status = mount_index(indexes[i]);
    if (!status) return status;
  }
  if (mounts_.empty()) {
    Error error = refusal(weights.front(), statuses[indexes.size()]);
    if (!error.hint().empty()) return error;
    return std::move(error).with_hint(
        "name the weights file (.safetensors, .gguf) or the index (.index.json): folders of a web "
        "server cannot be listed");
  }
  return download_companions();
}

}  // namespace wmk::remote
