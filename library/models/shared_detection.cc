#include "library/models/shared_detection.h"

#include "crypto/key_file.h"
#include "embed/parts/shared_sums.h"
#include "library/models/part_identity.h"
#include "mpi/shared_items.h"

namespace wmk::library {

namespace {

// (all)
Result<embed::PartSums> meet_on(const crypto::SecretBytes& key,
                                const Result<embed::PartIdentity>& own) {
  using Items = std::vector<std::string>;
  const auto items = [&] {
    return Items{crypto::fingerprint(key), own->program, own->suspect, own->request, own->rounding};
  };
  const auto check = [&](const Items& other) -> Status {
    if (other[0] != items()[0]) return Error(ErrorCode::invalid_argument, "it has another key");
    return check_identity({other[1], other[2], other[3], other[4]}, *own);
  };
  Status status = mpi::agree(own ? Result(items()) : Result<Items>(own.error()), check);
  if (!status) return std::move(status).error();
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
