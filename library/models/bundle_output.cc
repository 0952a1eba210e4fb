#include "library/models/bundle_output.h"

#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "sign/bundle/bundle.h"

namespace wmk::library {

namespace {

namespace fs = std::filesystem;

bool looks_like_bundle(const fs::path& path) {
  const auto text = read_text(path, sign::kBundleBytesMax);
  return text && (text->empty() || text->find("vnd.dev.sigstore.bundle") != std::string::npos);
}

}  // namespace

Status can_write_bundle(const std::string& path, bool replace, std::string_view option) {
  std::error_code ignored;
  const auto kind = fs::symlink_status(path, ignored).type();
  if (replace && kind == fs::file_type::directory) {
    return Error(ErrorCode::invalid_argument, cat(escaped(path), " is a folder"));
  }
  if (replace && kind == fs::file_type::regular && !looks_like_bundle(path)) {
    return Error(ErrorCode::invalid_argument, cat(escaped(path), " exists and is not a bundle; ",
                                                  option, " does not replace it"))
        .with_hint("choose another name, or remove the file yourself");
  }
  return try_output(path, replace);
}

}  // namespace wmk::library
