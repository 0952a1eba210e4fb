#include "crypto/key_file.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/encoding.h"
#include "crypto/sealed_key.h"

namespace wmk::crypto {

namespace {

constexpr std::string_view kVersionPrefix = "weightmark secret key, version ";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kPemPrefix = "-----BEGIN ";
constexpr std::string_view kFingerprintData = "weightmark/ctss-v1/fingerprint";
constexpr uint64_t kFileBytesMax = 4096;
constexpr size_t kFingerprintBytes = 20;
constexpr unsigned kKeyFileMode = 0600;

Error damaged(std::string_view what) {
  return Error(ErrorCode::malformed, cat("damaged key file: ", what));
}

Error not_a_key_file(std::string_view what) {
  return Error(ErrorCode::malformed, std::string(what))
      .with_hint("weightmark keygen makes mark keys");
}

// Users have several kinds of keys, so the message says which kind a PEM file holds.
Error pem_instead(std::string_view text) {
  const std::string_view label = text.substr(0, text.find('\n'));
  if (label.find("PRIVATE KEY") != std::string_view::npos) {
    return not_a_key_file("this is a PEM private key for signing, not a mark key");
  }
  return not_a_key_file("this is a PEM file, not a mark key");
}

// The message repeats nothing of an untrusted line but ASCII digits.
Error other_version(std::string_view version) {
  const bool number = !version.empty() && version.size() <= 9 &&
                      version.find_first_not_of("0123456789") == std::string_view::npos;
  return Error(
      ErrorCode::unsupported,
      number ? cat("key file version ", version, " is not supported; this program reads version 1")
             : "unknown key file version; this program reads version 1");
}

// The text of line 2, if the file has exactly the two lines that it must have.
Result<std::string_view> payload_line(std::string_view text) {
  if (text.starts_with(kPemPrefix)) return pem_instead(text);
  if (!text.starts_with(kVersionPrefix)) return not_a_key_file("not a weightmark key file");
  const size_t first_end = text.find('\n');
  if (first_end == std::string_view::npos) return damaged("line 2 is missing");
  const std::string_view version =
      text.substr(kVersionPrefix.size(), first_end - kVersionPrefix.size());
  if (version == "1\r") return damaged("lines end with a carriage return");
  if (version != kVersion) return other_version(version);
  const std::string_view rest = text.substr(first_end + 1);
  const size_t second_end = rest.find('\n');
  if (rest.empty() || second_end == 0) return damaged("line 2 is missing");
  if (second_end == std::string_view::npos) return damaged("line 2 has no newline at its end");
  if (second_end + 1 != rest.size()) return damaged("there is more text after line 2");
  return rest.substr(0, second_end);
}

// At most the first kFileBytesMax bytes: enough to name what a larger file is.
Result<SecretBytes> read_start(const ReadFile& file) {
  SecretBytes text = SecretBytes::zeros(std::min(file.size(), kFileBytesMax));
  auto read = file.read_at(0, text.reveal_for_writing());
  if (!read) return std::move(read).error();
  return text;
}

Result<SecretBytes> open_payload(SecretBytes payload, const PassphraseSource& passphrase,
                                 bool& sealed) {
  if (payload.size() == kKeyBytes) return payload;
  if (!looks_sealed(payload.reveal())) {
    return damaged(cat("line 2 holds ", payload.size(), " bytes instead of ", kKeyBytes));
  }
  sealed = true;
  auto checked = checked_seal(payload.reveal());
  if (!checked) return std::move(checked).error();
  if (!passphrase) {
    return Error(ErrorCode::crypto, "the key is sealed, but no passphrase was given");
  }
  auto given = passphrase();
  if (!given) return std::move(given).error();
  return open_sealed_key(payload.reveal(), *given);
}

Result<SecretBytes> key_of(const SecretBytes& start, bool whole, const PassphraseSource& passphrase,
                           bool& sealed) {
  auto line = payload_line(as_text(start.reveal()));
  if (!line) return std::move(line).error();
  if (!whole) return damaged("there is more text after line 2");
  auto payload = secret_from_base64(*line);
  if (!payload) return damaged("line 2 is not base64");
  return open_payload(std::move(*payload), passphrase, sealed);
}

// Line 2 of a new file, before base64.
Result<SecretBytes> payload_of(const SecretBytes& key, const SecretBytes* passphrase) {
  if (passphrase == nullptr) {
    SecretBytes copy = SecretBytes::zeros(key.size());
    std::ranges::copy(key.reveal(), copy.reveal_for_writing().begin());
    return copy;
  }
  if (passphrase->size() == 0) {
    return Error(ErrorCode::invalid_argument, "the passphrase must not be empty");
  }
  auto sealed = seal_key(key, *passphrase, kSealCostDefault);
  if (!sealed) return std::move(sealed).error();
  return SecretBytes::take(*sealed);
}

SecretBytes file_text(const SecretBytes& line) {
  const std::string head = cat(kVersionPrefix, kVersion, "\n");
  SecretBytes text = SecretBytes::zeros(head.size() + line.size() + 1);
  const auto out = text.reveal_for_writing();
  std::ranges::copy(as_bytes(head), out.begin());
  std::ranges::copy(line.reveal(), out.begin() + static_cast<ptrdiff_t>(head.size()));
  out.back() = std::byte{'\n'};
  return text;
}

}  // namespace

Result<LoadedKey> read_key_file(const std::filesystem::path& path,
                                const PassphraseSource& passphrase) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto start = read_start(*file);
  if (!start) return std::move(start).error();
  bool sealed = false;
  auto key = key_of(*start, start->size() == file->size(), passphrase, sealed);
  if (!key) return std::move(key).error().within(file->name());
  return LoadedKey{std::move(*key), sealed, file->readable_by_others()};
}

Status write_key_file(const std::filesystem::path& path, const SecretBytes& key,
                      const SecretBytes* passphrase) {
  assert(key.size() == kKeyBytes);
  auto payload = payload_of(key, passphrase);
  if (!payload) return std::move(payload).error();
  const SecretBytes text = file_text(secret_to_base64(*payload));
  auto written = write_whole(path, text.reveal(), kKeyFileMode, false);
  if (!written && written.error().code() == ErrorCode::invalid_argument) {
    return std::move(written).error().with_hint(
        "keys are never overwritten: without its key a mark cannot be found again");
  }
  return written;
}

std::string fingerprint(const SecretBytes& key) {
  const SecretBytes digest = derive(key, kFingerprintData);
  return cat("wm1", to_base32(digest.reveal().first(kFingerprintBytes)));
}

bool is_fingerprint(std::string_view text) {
  constexpr std::string_view prefix = "wm1", digits = "abcdefghijklmnopqrstuvwxyz234567";
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return text.size() == 32 && text.find_first_not_of(digits) == text.npos;
}

}  // namespace wmk::crypto
