#include "remote/remote_model.h"

#include "base/errno_text.h"
#include "base/file.h"
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

Target RemoteModel::target(const fs::path& name) const {
  const std::lock_guard lock(mutex_);
  Url url = place_.target.url;
  for (const fs::path& part : name.parent_path()) url = url.beside(part.string()).as_folder();
  return {url.beside(name.filename().string()), place_.target.token};
}

Status RemoteModel::pin(const std::string& commit) {
  const std::lock_guard lock(mutex_);
  if (!place_.repository || !is_commit(commit) || place_.repository->revision == commit) return {};
  if (is_commit(place_.repository->revision)) {
    return Error(ErrorCode::io, cat(place_.target.url.shown(), ": the server answers with commit ",
                                    commit, ": the repository changed while it was read"))
        .with_hint("run the command again");
  }
  place_.repository->revision = commit;
  auto url = address_of(*place_.repository);
  if (!url) return std::move(url).error();
  place_.target.url = *std::move(url);
  return {};
}

Error RemoteModel::in_words(const Refusal& refusal) const {
  Error error = refusal.error();
  const std::lock_guard lock(mutex_);
  if (!place_.repository || refusal.is_elsewhere) return error;
  // The hub names the commit of a repository that is there, also where it has not got the file.
  const bool is_known = bytes_ > 0 || is_commit(place_.repository->revision);
  if (is_known && refusal.status != 401 && refusal.status != 403) return error;
  return std::move(error).with_hint(
      place_.target.token ? "there is no such repository or revision, or the token gives no access"
                          : "there is no such repository or revision, or it is private: set "
                            "HF_TOKEN");
}

Error RemoteModel::in_users_words(Error error) const {
  const std::string folder = escaped(folder_.path().string());
  std::string address = target("").url.shown();
  address.pop_back();  // '/'
  std::string text = error.message();
  for (size_t at = text.find(folder); at != text.npos; at = text.find(folder, at)) {
    text.replace(at, folder.size(), address);
    at += address.size();
  }
  return Error(error.code(), std::move(text)).with_hint(error.hint());
}

Result<Refusal> RemoteModel::download(const fs::path& name) {
  WholeDownload download(kSmallBytesMax);
  const Target wanted = target(name);
  auto fetched = network_->client.get(wanted, download);
  if (!fetched) return std::move(fetched).error();
  if (Status status = pin(fetched->answer.commit); !status) return std::move(status).error();
  if (Refusal refused = fetched->refusal(wanted.url)) return refused;
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
  Status status = place(name, as_bytes(download.text()));
  if (!status) return std::move(status).error();
  return Refusal();
}

Result<Refusal> RemoteModel::mount(const fs::path& name) {
  Refusal refused;
  auto file = RemoteFile::open(network_, target(name), refused, folder_.path());
  if (!file) return std::move(file).error();
  if (refused) return refused;
  if (Status status = pin((*file)->commit()); !status) return std::move(status).error();
  if (Status status = place(name, {}); !status) return std::move(status).error();
  const std::lock_guard lock(mutex_);
  bytes_ += (*file)->size();
  mounts_.emplace_back(folder_.path() / name, *std::move(file));
  return Refusal();
}

Status RemoteModel::place(const fs::path& name, ByteView bytes) const {
  const fs::path path = folder_.path() / name;
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  if (failure) return errno_error(path.parent_path(), "cannot make", failure.value());
  return write_whole(path, bytes, 0600, false);
}

bool RemoteModel::is_there(const fs::path& name) const {
  std::error_code ignored;
  return fs::exists(folder_.path() / name, ignored);
}

}  // namespace wmk::remote
