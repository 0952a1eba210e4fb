#include "cli/adapter_base.h"

#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "cli/console.h"
#include "remote/localise.h"

namespace wmk::cli {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kConfigBytesMax = 16 << 20;

// "org/name" and "/models/name/" -> "name".
std::string last_part(std::string_view name) {
  while (name.ends_with('/')) name.remove_suffix(1);
  return std::string(name.substr(name.find_last_of('/') + 1));
}

// Under which name the base was published, by its config.json; empty if that names none.
std::string published_name(const fs::path& base) {
  std::error_code ignored;
  const fs::path folder = fs::is_directory(base, ignored) ? base : base.parent_path();
  auto text = read_text(folder / "config.json", kConfigBytesMax);
  if (!text) return {};
  auto document = json::Document::parse(*std::move(text));
  if (!document || !document->root().is(json::Kind::object)) return {};
  const auto name = document->root().find("_name_or_path");
  const auto words = name ? name->string() : std::nullopt;
  return words ? std::string(*words) : std::string();
}

}  // namespace

void warn_about_named_base(const std::string& adapter, const std::string& named_base) {
  const auto local = remote::localise(adapter), local_base = remote::localise(named_base);
  if (!local || !local_base) return;
  const std::string base = remote::without_secrets(named_base);
  if (const auto named = checkpoint::named_base(local->path)) {
    const std::string wanted = last_part(*named);
    const std::string folder =
        last_part(remote::is_remote(base) ? base : fs::absolute(base).lexically_normal().string());
    if (wanted.empty()) {
      warn("the adapter does not name its base: it may belong to another one");
    } else if (wanted != folder && wanted != last_part(published_name(local_base->path))) {
      warn(cat("the adapter names the base '", escaped(*named), "', and it is read over '",
               escaped(base), "'"));
    }
  }
}

void warn_about_base(const std::string& adapter, const std::string& base) {
  warn_about_named_base(adapter, base);
  warn(cat("the base may carry the mark alone, and the adapter none: also run weightmark detect '",
           escaped(remote::without_secrets(base)), "'"));
}

}  // namespace wmk::cli
