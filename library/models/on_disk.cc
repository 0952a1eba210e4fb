#include "library/models/on_disk.h"

#include "base/text.h"
#include "remote/localise.h"

namespace wmk::library {

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

Result<sign::Seal> manifest_of(const std::string& model,
                               const std::vector<std::string>& ignore_paths, unsigned threads,
                               Progress* progress) {
  if (Status status = check_on_disk(model); !status) return std::move(status).error();
  sign::SealRequest request;
  request.model = model;
  request.ignore_paths = {ignore_paths.begin(), ignore_paths.end()};
  request.threads = threads;
  request.progress = progress;
  return sign::manifest_of(request);
}

}  // namespace wmk::library
