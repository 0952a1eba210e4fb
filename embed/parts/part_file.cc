#include "embed/parts/part_file.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/key_file.h"
#include "embed/parts/sum_message.h"
#include "embed/scheme/message_file.h"
#include "proto/detection_part.pb.h"

namespace wmk::embed {

namespace {

constexpr MessageFormat kPartFormat = {"weightmark part of a detection, version 1\n",
                                       "not a part of a detection of version 1",
                                       "the part is damaged: it cannot be parsed", kPartBytesMax};
constexpr size_t kSealBytes = 32;
constexpr int kScansMax = 100'000;
constexpr size_t kNameMax = 1000;

// A purpose of its own: nothing else is made with this key.
std::string tag_of(const crypto::SecretBytes& master, std::string_view content) {
  const crypto::SecretBytes key = crypto::derive(master, "weightmark/detection-part-v1/seal");
  std::string tag(kSealBytes, '\0');
  crypto::blake2b(key.reveal(), as_bytes(content), std::as_writable_bytes(std::span(tag)));
  return tag;
}

Error broken_part(std::string_view why) { return malformed(cat("the part is damaged: ", why)); }

// In the same time for any difference.
bool are_equal_tags(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

Result<PartFile> part_from_message(const proto::DetectionPart& from) {
  PartFile out;
  out.part = from.part();
  out.parts = from.parts();
  if (out.parts < 1 || out.parts > kPartsMax || out.part < 1 || out.part > out.parts) {
    return broken_part(cat("it says to be part ", out.part, " of ", out.parts));
  }
  out.identity = {from.program(), from.suspect(), from.request(), from.rounding()};
  if (from.suspect().size() != kSealBytes || from.request().size() != kSealBytes) {
    return broken_part("a digest is not 32 bytes long");
  }
  if (from.scans_size() > kScansMax) return broken_part("it has too many scans");
  for (const proto::ScanSum& each : from.scans()) {
    if (each.name().empty() || each.name().size() > kNameMax) {
      return broken_part("a scan has no name");
    }
    auto sum = sum_from(each);
    if (!sum) return std::move(sum).error().within(cat("scan '", escaped(each.name()), "'"));
    if (!out.sums.try_emplace(each.name(), *std::move(sum)).second) {
      return broken_part(cat("scan '", escaped(each.name()), "' occurs twice"));
    }
  }
  out.faults.assign(from.faults().begin(), from.faults().end());
  return out;
}

Result<PartFile> opened_part(const proto::SealedPart& sealed, const crypto::SecretBytes& master) {
  const std::string own = crypto::fingerprint(master);
  if (sealed.key_fingerprint() != own) {
    return Error(
        ErrorCode::invalid_argument,
        cat("the part was made with the key ", escaped(sealed.key_fingerprint()), ", not ", own));
  }
  if (!are_equal_tags(sealed.tag(), tag_of(master, sealed.content()))) {
    return broken_part("its seal is wrong");
  }
  return part_from(sealed.content());
}

}  // namespace

Result<PartFile> part_from(std::string_view content) {
  proto::DetectionPart message;
  if (!message.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
    return broken_part("its content cannot be parsed");
  }
  return part_from_message(message);
}

Status write_part(const std::filesystem::path& path, const crypto::SecretBytes& master,
                  const PartIdentity& identity, const PartSums& sums, bool replace) {
  proto::DetectionPart out;
  out.set_part(sums.part());
  out.set_parts(sums.parts());
  out.set_program(identity.program);
  out.set_suspect(identity.suspect);
  out.set_request(identity.request);
  out.set_rounding(identity.rounding);
  for (const auto& [name, sum] : sums.own()) {
    proto::ScanSum& scan = *out.add_scans();
    scan.set_name(name);
    put_sum(sum, scan);
  }
  for (const std::string& fault : sums.faults()) out.add_faults(fault);
  if (out.ByteSizeLong() > kPartBytesMax / 2) {
    return Error(ErrorCode::limit_exceeded, "the part would be larger than 512 MiB")
        .with_hint("try fewer readings (--readings), or fewer sites (--sites)");
  }
  proto::SealedPart sealed;
  sealed.set_key_fingerprint(crypto::fingerprint(master));
  sealed.set_content(out.SerializeAsString());
  sealed.set_tag(tag_of(master, sealed.content()));
  return write_message(path, kPartFormat, sealed, 0600, replace);
}

Result<PartFile> read_part(const std::filesystem::path& path, const crypto::SecretBytes& master) {
  return read_message<proto::SealedPart>(path, kPartFormat, [&](const proto::SealedPart& sealed) {
    return opened_part(sealed, master);
  });
}

}  // namespace wmk::embed
