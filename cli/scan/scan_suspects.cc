#include "cli/scan/scan_suspects.h"

#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "crypto/blake2b.h"
#include "library/models/name_list.h"
#include "remote/localise.h"
#include "sign/digest.h"

namespace wmk::cli {

namespace {

constexpr uint64_t kListBytesMax = 256ull << 20;
constexpr const char* kSuspect = "suspect";
constexpr std::string_view kHiddenPurpose = "weightmark/scan-lines-v1/addresses";

// Or what somebody takes for one.
bool is_address(std::string_view name) { return name.find("://") != name.npos; }

}  // namespace

bool Suspect::has_secrets() const { return is_address(named) && shown != named; }

std::string plain_path(std::string_view path) {
  std::string out = path.starts_with('/') ? "/" : "";
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(path.size(), end + 1));
    if (part.empty() || part == ".") continue;
    out += cat(out.empty() || out == "/" ? "" : "/", part);
  }
  return out.empty() ? "." : out;
}

Result<std::vector<Suspect>> read_suspects(const std::string& path) {
  auto names = library::read_names(path, kSuspect, kListBytesMax);
  if (!names) return std::move(names).error();
  std::vector<Suspect> out;
  std::unordered_set<std::string> seen;
  for (std::string& name : *names) {
    if (name.starts_with('#')) continue;
    std::string shown = is_address(name) ? remote::without_secrets(name) : plain_path(name);
    if (!seen.insert(is_address(name) ? name : shown).second) continue;
    out.push_back({std::move(name), std::move(shown)});
  }
  if (out.empty()) return malformed(cat(escaped(path), ": contains no ", kSuspect));
  return out;
}

std::string digest_of_shown(const std::vector<Suspect>& suspects) {
  std::string list;
  for (const Suspect& each : suspects) list += each.shown + "\n";
  return to_hex(sign::sha256(as_bytes(list)));
}

std::string digest_of_hidden(const std::vector<Suspect>& suspects, const crypto::SecretBytes& key) {
  std::string list;
  for (const Suspect& each : suspects) {
    if (each.has_secrets()) list += each.named + "\n";
  }
  if (list.empty()) return {};
  const crypto::SecretBytes own = crypto::derive(key, kHiddenPurpose);
  Bytes digest(32);
  crypto::blake2b(own.reveal(), as_bytes(list), digest);
  return to_hex(digest);
}

}  // namespace wmk::cli
