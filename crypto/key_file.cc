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

Error not_a_key_file() {
  return Error(ErrorCode::malformed, "not a weightmark key file")
      .with_hint("mark keys are made by weightmark keygen");
}

// What a file is that begins as PEM does: people hold several kinds of keys.
Error pem_instead(std::string_view text) {
  const std::string_view label = text.substr(0, text.find('\n'));
  if (label.find("PRIVATE KEY") != std::string_view::npos) {
    return Error(ErrorCode::malformed,
                 "this is a PEM private key for signing; mark keys are made by weightmark keygen");
  }
  return Error(ErrorCode::malformed,
               "this is a PEM file and holds no mark key; mark keys are made by weightmark keygen");
}

// Only ASCII digits of a stranger's line are repeated in a message.
Error other_version(std::string_view version) {
  const bool number = !version.empty() && version.size() <= 9 &&
                      version.find_first_not_of("0123456789") == std::string_view::npos;
  return Error(ErrorCode::unsupported,
               number ? cat("key file of version ", version, "; this program reads version 1")
                      : "key file of an unknown version; this program reads version 1");
}

// The text of line 2, when the two lines are as they must be.
Result<std::string_view> payload_line(std::string_view text) {
  if (text.starts_with(kPemPrefix)) return pem_instead(text);
  if (!text.starts_with(kVersionPrefix)) return not_a_key_file();
  const size_t first_end = text.find('\n');
  if (first_end == std::string_view::npos) return damaged("there is no second line");
  const std::string_view version =
      text.substr(kVersionPrefix.size(), first_end - kVersionPrefix.size());
  if (version == "1\r") return damaged("lines end in carriage return and newline");
  if (version != kVersion) return other_version(version);
  const std::string_view rest = text.substr(first_end + 1);
  const size_t second_end = rest.find('\n');
  if (rest.empty() || second_end == 0) return damaged("there is no second line");
  if (second_end == std::string_view::npos) return damaged("the second line has no end");
  if (second_end + 1 != rest.size()) return damaged("there is more behind the second line");
  return rest.substr(0, second_end);
}

// At most the first kFileBytesMax bytes: enough to say what a file is that is too long.
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
    return damaged(cat("line 2 holds ", payload.size(), " bytes where a key has ", kKeyBytes));
  }
  sealed = true;
  auto checked = checked_seal(payload.reveal());
  if (!checked) return std::move(checked).error();
  if (!passphrase) {
    return Error(ErrorCode::crypto, "the key is sealed with a passphrase, and none was given");
  }
  auto words = passphrase();
  if (!words) return std::move(words).error();
  return open_sealed_key(payload.reveal(), *words);
}

Result<SecretBytes> key_of(const SecretBytes& start, bool whole, const PassphraseSource& passphrase,
                           bool& sealed) {
  auto line = payload_line(as_text(start.reveal()));
  if (!line) return std::move(line).error();
  if (!whole) return damaged("there is more behind the second line");
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
    return Error(ErrorCode::invalid_argument, "an empty passphrase protects nothing");
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
        "a key is never overwritten: without it its marks cannot be found again");
  }
  return written;
}

std::string fingerprint(const SecretBytes& key) {
  const SecretBytes digest = derive(key, kFingerprintData);
  return cat("wm1", to_base32(digest.reveal().first(kFingerprintBytes)));
}

}  // namespace wmk::crypto
