#include "cli/network.h"

#include "base/text.h"

namespace wmk::cli {

std::string network_line() {
  const auto use = remote::network_use();
  return use ? cat("  ", remote::to_text(*use), "\n") : std::string();
}

void write_network(json::Writer& out) {
  const auto use = remote::network_use();
  out.key("network");
  if (!use) {
    out.null();
    return;
  }
  out.begin_object().member("bytes", use->bytes).member("requests", use->requests);
  out.member("size", use->size).end_object();
}

Status check_on_disk(const std::string& model) {
  std::error_code ignored;
  if (std::filesystem::exists(model, ignored)) return {};
  auto local = remote::localise_whole(model);
  if (!local) {
    return remote::is_remote(model) ? std::move(local).error() : Status();
  }
  if (*local == model) return {};
  return Error(ErrorCode::invalid_argument,
               cat(escaped(model), ": is in the Hugging Face cache, whose files are links"))
      .with_hint(cat("copy it first: cp -rL ", escaped(local->string()), " FOLDER"));
}

}  // namespace wmk::cli
