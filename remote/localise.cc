#include "remote/localise.h"

#include <map>
#include <mutex>

#include "base/text.h"
#include "remote/file_names.h"
#include "remote/remote_model.h"

namespace wmk::remote {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHubScheme = "hf://";

// One address. Whoever opens it holds the mutex; other addresses are opened meanwhile.
struct Opening {
  std::mutex mutex;
  std::weak_ptr<const RemoteModel> model;
};

// What all models of the process share. Nothing waits for a server under this mutex.
struct OpenModels {
  std::mutex mutex;
  std::shared_ptr<Network> network;
  std::map<std::string, std::shared_ptr<Opening>> by_name;
  uint64_t size = 0;
};

OpenModels& open_models() {
  static OpenModels all;
  return all;
}

bool is_hub_address(std::string_view named) {
  return lower_case(named.substr(0, kHubScheme.size())) == kHubScheme;
}

Result<Place> place_of(const std::string& named) {
  if (!is_hub_address(named)) {
    auto url = Url::parse(named);
    if (!url) return std::move(url).error();
    if (const auto page = repository_of_page(named)) {
      const bool is_main = page->revision == Repository().revision;
      return Error(ErrorCode::invalid_argument, cat(url->shown(), ": is a page, not a model"))
          .with_hint(cat("write hf://", page->owner, "/", page->name, is_main ? "" : "@",
                         is_main ? "" : page->revision));
    }
    return Place{{*std::move(url)}};
  }
  const auto repository = parse_repository(named.substr(kHubScheme.size()));
  if (!repository) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(named), ": is not hf://OWNER/NAME[@REVISION][/FILE]"))
        .with_hint("for example hf://OWNER/NAME, or hf://OWNER/NAME@main/model.safetensors");
  }
  auto url = address_of(*repository);
  if (!url) return std::move(url).error();
  auto token = hub_token();
  if (!token) return std::move(token).error();
  return Place{{*std::move(url), *std::move(token)}, repository};
}

// Of HF_HUB_OFFLINE; none: the network may be used.
std::optional<Result<LocalModel>> localise_offline(const std::string& named) {
  if (!is_hub_address(named) || !is_hub_offline()) return std::nullopt;
  const auto repository = parse_repository(named.substr(kHubScheme.size()));
  if (!repository) return std::nullopt;  // an error of its own
  auto snapshot = find_in_cache(*repository);
  if (snapshot) return LocalModel{*std::move(snapshot)};
  return Error(ErrorCode::io, cat(escaped(named),
                                  ": is not in the Hugging Face cache, and "
                                  "HF_HUB_OFFLINE forbids the network"))
      .with_hint("download it first, or unset HF_HUB_OFFLINE");
}

Result<LocalModel> localise_remote(const std::string& named) {
  if (auto offline = localise_offline(named)) return *std::move(offline);
  OpenModels& all = open_models();
  const auto opening = [&] {
    const std::lock_guard lock(all.mutex);
    auto& one = all.by_name[named];
    if (!one) one = std::make_shared<Opening>();
    return one;
  }();
  const std::lock_guard lock(opening->mutex);
  if (auto known = opening->model.lock()) return LocalModel{known->path(), known};
  auto place = place_of(named);
  if (!place) return std::move(place).error();
  const auto network = [&] {
    const std::lock_guard of_all(all.mutex);
    if (!all.network) all.network = std::make_shared<Network>();
    return all.network;
  }();
  auto model = RemoteModel::open(network, *std::move(place));
  if (!model) return std::move(model).error();
  opening->model = *model;
  const std::lock_guard of_all(all.mutex);
  all.size += (*model)->bytes();
  const fs::path path = (*model)->path();
  return LocalModel{path, *std::move(model)};
}

}  // namespace

Error in_words_of(const LocalModel& model, Error error) {
  return model.remote ? model.remote->in_users_words(std::move(error)) : error;
}

bool is_remote(std::string_view named) { return is_url(named) || is_hub_address(named); }

bool is_unlisted(std::string_view named) {
  if (is_hub_address(named)) {
    const auto repository = parse_repository(named.substr(kHubScheme.size()));
    return repository && repository->file.empty();
  }
  if (!is_url(named)) return false;
  const auto url = Url::parse(std::string(named));
  return url && !is_weights_name(url->file_name()) && !is_index_name(url->file_name());
}

Result<LocalModel> localise(const std::string& named) {
  if (is_remote(named)) return localise_remote(named);
  std::error_code ignored;
  if (fs::exists(named, ignored)) return LocalModel{named};
  const auto repository = parse_repository(named);
  // "folder/model.safetensors" is a path rather than a repository of that name.
  const bool is_file_name =
      repository && (is_weights_name(repository->name) || is_index_name(repository->name));
  if (!repository || (is_file_name && !find_in_cache(*repository))) return LocalModel{named};
  auto snapshot = find_in_cache(*repository);
  if (!snapshot) return std::move(snapshot).error();
  return LocalModel{*std::move(snapshot)};
}

Result<fs::path> localise_whole(const std::string& named) {
  if (is_remote(named)) {
    return Error(ErrorCode::invalid_argument,
                 cat(without_secrets(named), ": this command needs the model on this disk"))
        .with_hint(
            "download it and name its folder; detect, trace, inspect and compare read over "
            "the network");
  }
  auto local = localise(named);
  if (!local) return std::move(local).error();
  return std::move(local->path);
}

std::string without_secrets(const std::string& named) {
  if (!is_url(named)) return named;
  const auto url = Url::parse(named);
  return url ? url->shown() : cat(named.substr(0, named.find("://")), "://...");
}

std::optional<NetworkUse> network_use() {
  OpenModels& all = open_models();
  const std::lock_guard lock(all.mutex);
  if (!all.network) return std::nullopt;
  const Traffic traffic = all.network->client.traffic();
  return NetworkUse{traffic.bytes, traffic.requests, all.size};
}

std::string to_text(const NetworkUse& use) {
  return cat("read ", si(static_cast<double>(use.bytes), "B"), " of ",
             si(static_cast<double>(use.size), "B"), " over the network in ", use.requests,
             use.requests == 1 ? " request" : " requests");
}

}  // namespace wmk::remote
