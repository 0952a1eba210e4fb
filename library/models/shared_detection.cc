#include "library/models/shared_detection.h"

#include "base/text.h"
#include "crypto/key_file.h"
#include "embed/parts/shared_sums.h"
#include "library/models/part_identity.h"
#include "mpi/processes.h"

namespace wmk::library {

namespace {

// What all processes must have in common.
struct Question {
  std::string key;  // fingerprint
  embed::PartIdentity identity;
};

// Key and program, then two digests of 32 bytes, then how products are rounded.
constexpr size_t kDigestBytes = 32;
constexpr std::string_view kEnd = "\n";

std::string packed(const Question& from) {
  const embed::PartIdentity& identity = from.identity;
  return cat(from.key, kEnd, identity.program, kEnd, identity.suspect, identity.request,
             identity.rounding);
}

Result<Question> unpacked(const std::string& bytes) {
  const size_t middle = bytes.find(kEnd);
  const size_t end = middle == std::string::npos ? middle : bytes.find(kEnd, middle + 1);
  if (end == std::string::npos || bytes.size() < end + 1 + 2 * kDigestBytes) {
    return malformed("it says nothing of its model");
  }
  const auto digest = [&](size_t number) {
    return bytes.substr(end + 1 + number * kDigestBytes, kDigestBytes);
  };
  return Question{bytes.substr(0, middle),
                  {bytes.substr(middle + 1, end - middle - 1), digest(0), digest(1),
                   bytes.substr(end + 1 + 2 * kDigestBytes)}};
}

// (all)
Result<embed::PartSums> meet_on(const crypto::SecretBytes& key,
                                Result<embed::PartIdentity> identity) {
  auto own = identity ? Result(Question{crypto::fingerprint(key), *std::move(identity)})
                      : Result<Question>(std::move(identity).error());
  mpi::Exchange first;
  first.take = [&](unsigned, const std::string& bytes) -> Status {
    const auto other = unpacked(bytes);
    if (!other) return other.error();
    if (other->key != own->key) return Error(ErrorCode::invalid_argument, "it has another key");
    return check_identity(other->identity, own->identity);
  };
  const auto met =
      mpi::exchange(own ? Result(packed(*own)) : Result<std::string>(own.error()), first);
  if (!met) return met.error();
  return embed::sums_of_processes();
}

}  // namespace

Result<embed::PartSums> sums_of_processes(checkpoint::ReadingList& suspect,
                                          const verify::DetectRequest& request) {
  const crypto::SecretBytes& key = request.disclosed ? request.disclosed->key : *request.master;
  return meet_on(key, part_identity(suspect, request));
}

Result<embed::PartSums> sums_of_processes(checkpoint::ReadingList& suspect,
                                          const verify::TraceRequest& request) {
  return meet_on(*request.master, part_identity(suspect, request));
}

}  // namespace wmk::library
