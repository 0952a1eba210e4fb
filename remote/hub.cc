#include "remote/hub.h"

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"

namespace wmk::remote {

namespace fs = std::filesystem;

namespace {

constexpr size_t kPlainNameBytesMax = 200;
constexpr uint64_t kTokenBytesMax = 4096, kRefBytesMax = 256;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// Letters, digits and "._-"; no hidden or parent folder.
bool is_plain_name(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kPlainNameBytesMax && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

fs::path hub_home() {
  if (const std::string home = variable("HF_HOME"); !home.empty()) return home;
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    return fs::path(cache) / "huggingface";
  }
  return fs::path(variable("HOME")) / ".cache/huggingface";
}

fs::path hub_cache() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string path = variable(name); !path.empty()) return path;
  }
  return hub_home() / "hub";
}

std::string words_of(const Repository& repository) {
  return cat(repository.owner, "/", repository.name, "@", repository.revision);
}

}  // namespace

std::optional<Repository> parse_repository(std::string_view text) {
  Repository out;
  const size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  out.owner = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  if (const size_t end = text.find('/'); end != text.npos) {
    out.file = text.substr(end + 1);
    text = text.substr(0, end);
    if (!out.file.empty() && !is_plain_name(out.file)) return std::nullopt;
  }
  if (const size_t at = text.find('@'); at != text.npos) {
    out.revision = text.substr(at + 1);
    text = text.substr(0, at);
  }
  out.name = text;
  if (is_plain_name(out.owner) && is_plain_name(out.name) && is_plain_name(out.revision)) {
    return out;
  }
  return std::nullopt;
}

std::optional<Repository> repository_of_page(std::string_view address) {
  constexpr std::string_view kTree = "/tree/";
  for (const std::string_view host : {"https://huggingface.co/", "http://huggingface.co/"}) {
    if (!address.starts_with(host)) continue;
    address = address.substr(host.size(), address.find_first_of("?#") - host.size());
    while (address.ends_with('/')) address.remove_suffix(1);
    std::string name(address);
    if (const size_t tree = name.find(kTree); tree != name.npos) {
      name.replace(tree, kTree.size(), "@");
    }
    auto out = parse_repository(name);
    if (out && out->file.empty()) return out;
  }
  return std::nullopt;
}

Result<fs::path> find_in_cache(const Repository& repository) {
  const fs::path entry = hub_cache() / cat("models--", repository.owner, "--", repository.name);
  std::string commit = repository.revision;
  if (auto ref = read_text(entry / "refs" / repository.revision, kRefBytesMax)) {
    commit = trimmed(*ref);
  }
  const fs::path snapshot = entry / "snapshots" / commit;
  std::error_code ignored;
  if (is_plain_name(commit) && fs::is_directory(snapshot, ignored)) {
    return repository.file.empty() ? snapshot : snapshot / repository.file;
  }
  return Error(ErrorCode::io, cat(words_of(repository), ": is neither a file or folder nor in the ",
                                  "Hugging Face cache, ", escaped(hub_cache().string())))
      .with_hint(cat("hf://", words_of(repository), " reads it over the network"));
}

bool is_hub_offline() {
  const std::string value = lower_case(variable("HF_HUB_OFFLINE"));
  return value == "1" || value == "true" || value == "yes" || value == "on";
}

Result<Url> address_of(const Repository& repository) {
  const std::string named = variable("HF_ENDPOINT");
  auto endpoint = Url::parse(named.empty() ? "https://huggingface.co" : named);
  if (!endpoint) return std::move(endpoint).error().within("HF_ENDPOINT");
  if (!endpoint->is_https() && !endpoint->is_loopback()) {
    return Error(ErrorCode::invalid_argument, "HF_ENDPOINT: is not https");
  }
  std::string text = endpoint->as_folder().text();
  for (const std::string* part : {&repository.owner, &repository.name}) {
    text += cat(percent_encoded(*part), "/");
  }
  return Url::parse(cat(text, "resolve/", percent_encoded(repository.revision), "/",
                        percent_encoded(repository.file)));
}

Result<std::shared_ptr<const WipedBytes>> hub_token() {
  using Token = std::shared_ptr<const WipedBytes>;
  std::string text = variable("HF_TOKEN");
  std::string from = "HF_TOKEN";
  if (text.empty()) {
    const std::string named = variable("HF_TOKEN_PATH");
    const fs::path path = named.empty() ? hub_home() / "token" : fs::path(named);
    auto read = read_text(path, kTokenBytesMax);
    if (!read) return Token();
    text.swap(*read);
    from = escaped(path.string());
  }
  const std::string_view token = trimmed(text);
  const bool is_sendable =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  Token out;
  if (is_sendable && !token.empty() && token.size() <= kTokenBytesMax) {
    const ByteView bytes = as_bytes(token);
    out = std::make_shared<const WipedBytes>(bytes.begin(), bytes.end());
  }
  wipe(text.data(), text.size());
  if (out || token.empty()) return out;
  return Error(ErrorCode::invalid_argument, cat(from, ": is not a token"));
}

}  // namespace wmk::remote
