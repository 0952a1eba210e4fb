#include "cli/log/log_inputs.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "claims/log/bundle_entry.h"
#include "sign/keys/timestamp.h"

namespace wmk::cli {

namespace {

Result<std::string> entry_of(std::string text, const sign::PublicKey* key) {
  sign::Findings findings;
  const auto bundle = sign::parse_bundle(std::move(text), findings);
  if (!bundle) return bundle.error();
  auto entry = *bundle ? claims::bundle_entry(**bundle, key, findings) : std::nullopt;
  if (entry) return std::move(*entry);
  const sign::Reason& reason = findings.reasons.front();
  Error error(ErrorCode::malformed, cat("cannot be logged: ", reason.text));
  if (reason.code != sign::Code::key_hint) return error;
  return std::move(error).with_hint("name the signer's key with --public-key");
}

Status add_lines(const std::string& file, std::string_view text, const sign::PublicKey* key,
                 std::vector<NamedEntry>& out) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string line(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::string name = cat(file, ":", number);
    auto entry = entry_of(line, key);
    if (!entry) return std::move(entry).error().within(escaped(name));
    out.push_back({name, std::move(*entry)});
  }
  return {};
}

}  // namespace

void add_log_trust_options(Command command, LogTrustOptions& options) {
  Option vkey = command.add_option("--vkey", options.vkey, "verifier key of the log");
  command
      .add_option("--policy", options.policy,
                  "file with trusted logs, witnesses and their quorum (C2SP tlog-policy)")
      .excludes(vkey);
}

Result<claims::Policy> read_log_trust(const LogTrustOptions& options) {
  if (options.policy.empty() && options.vkey.empty()) {
    return Error(ErrorCode::invalid_argument, "whom to trust is missing: --vkey or --policy");
  }
  if (options.policy.empty()) {
    auto key = crypto::NoteVerifier::parse(options.vkey);
    if (!key) return std::move(key).error().within("--vkey");
    return claims::Policy::of_log(std::move(*key));
  }
  const auto text = read_text(options.policy, claims::kPolicyBytesMax);
  if (!text) return text.error();
  auto policy = claims::Policy::parse(*text);
  if (!policy) return std::move(policy).error().within(escaped(options.policy));
  return policy;
}

Result<crypto::NoteSigner> read_note_signer(const std::string& path) {
  auto signer = crypto::NoteSigner::read(path);
  if (signer && signer->readable_by_others()) {
    warn(cat(escaped(path), ": other users can read this key; use chmod 600"));
  }
  return signer;
}

Result<std::vector<NamedEntry>> read_entries(const std::vector<std::string>& files,
                                             const std::string& public_key) {
  std::optional<sign::PublicKey> key;
  if (!public_key.empty()) {
    auto read = sign::PublicKey::read(public_key);
    if (!read) return std::move(read).error();
    key.emplace(std::move(*read));
  }
  const sign::PublicKey* given = key ? &*key : nullptr;
  std::vector<NamedEntry> out;
  for (const std::string& file : files) {
    auto text = read_text(file, sign::kBundleBytesMax);
    if (!text) return std::move(text).error();
    if (file.ends_with(".jsonl")) {
      if (auto status = add_lines(file, *text, given, out); !status) {
        return std::move(status).error();
      }
      continue;
    }
    auto entry = entry_of(std::move(*text), given);
    if (!entry) return std::move(entry).error().within(escaped(file));
    out.push_back({file, std::move(*entry)});
  }
  return out;
}

std::string reasons_text(const claims::LogReasons& reasons) {
  std::string out;
  for (const claims::LogReason& reason : reasons.list) {
    out += cat("  ", to_string(reason.code), ": ", reason.text, "\n");
  }
  return out;
}

void write_reasons(const claims::LogReasons& reasons, json::Writer& out) {
  out.key("reasons").begin_array();
  for (const claims::LogReason& reason : reasons.list) {
    out.begin_object().member("code", to_string(reason.code));
    out.member("text", reason.text).end_object();
  }
  out.end_array();
}

std::string witnesses_text(const std::vector<claims::Cosigned>& witnesses) {
  std::string out;
  for (const claims::Cosigned& each : witnesses) {
    out += cat("  cosigned by ", escaped(each.name), " at ",
               sign::time_text(static_cast<int64_t>(each.time)), "\n");
  }
  return out;
}

void write_witnesses(const std::vector<claims::Cosigned>& witnesses, json::Writer& out) {
  out.key("witnesses").begin_array();
  for (const claims::Cosigned& each : witnesses) {
    out.begin_object().member("name", each.name).member("time", each.time).end_object();
  }
  out.end_array();
}

std::string entries_text(uint64_t count) { return cat(count, count == 1 ? " entry" : " entries"); }

}  // namespace wmk::cli
