#include "library/models/part_identity.h"

#include "base/text.h"
#include "crypto/field_digest.h"
#include "embed/scheme/release_digest.h"
#include "stats/bf16/kernel.h"
#include "verify/carried.h"

namespace wmk::library {

namespace {

using crypto::FieldDigest;

// Files, layout and labels. Samples of the tensors are those of a record's release.
Status add_model(const checkpoint::Reading& reading, FieldDigest& out) {
  const auto files = embed::release_digest(*reading.checkpoint);
  if (!files) return files.error();
  out.add(*files);
  const checkpoint::Anatomy& anatomy = *reading.anatomy;
  out.add(cat(anatomy.width, " ", anatomy.token_embedding, " ", anatomy.vocabulary));
  for (const checkpoint::UnitGroup& each : anatomy.groups) {
    out.add(cat(each.label(), " ", each.units, " ", each.up.tensor, " ", each.down.tensor));
  }
  for (const auto& each : anatomy.heads.layers) out.add(cat(each.layer, " ", each.heads));
  out.add(reading.vocabulary->source.empty() ? "ids" : "strings");
  for (const std::string& label : reading.vocabulary->strings) out.add(label);
  return {};
}

Result<std::string> suspect_digest(checkpoint::ReadingList& suspect) {
  FieldDigest out;
  Status status;
  if (suspect.declared()) {
    status = add_model(*suspect.declared(), out);
  } else {
    const auto reading = suspect.has(1) ? suspect.open(1) : suspect.declared();
    if (!reading) return reading.error();
    status = add_model(*reading, out);
  }
  if (!status) return std::move(status).error();
  return std::string(as_text(out.finish()));
}

void add_record(const embed::MarkRecord& record, FieldDigest& out) {
  out.add(cat(record.shares, " ", record.strength, " ", record.weights, " ", record.width, " ",
              record.string_labels ? "strings" : "ids"));
  out.add(record.release_digest);
  out.add_numbers(record.labels);
  for (const embed::RecordedFrame& each : record.frames) {
    out.add(each.structure);
    out.add_numbers(each.frame.values);
  }
}

Status add_carried(const verify::CarriedFrames* carried, FieldDigest& out) {
  out.add(carried ? "carried" : "");
  if (carried == nullptr) return {};
  for (const verify::Subject* model : carried->models()) {
    const auto digest = embed::release_digest(*model->checkpoint);
    if (!digest) return digest.error();
    out.add(*digest);
  }
  return {};
}

Result<std::string> request_digest(const verify::DetectRequest& request) {
  FieldDigest out;
  for (const embed::Site site : embed::kSites) out.add(request.sites[site] ? "read" : "not read");
  out.add(request.shares ? cat(*request.shares) : "unknown");
  out.add(request.share ? cat(*request.share) : "all");
  out.add(cat(request.block_bytes));
  out.add(request.record ? "record" : "");
  if (request.record) add_record(*request.record, out);
  out.add_numbers(request.release_labels);
  if (auto status = add_carried(request.carried, out); !status) return std::move(status).error();
  return std::string(as_text(out.finish()));
}

Result<std::string> request_digest(const verify::TraceRequest& request) {
  FieldDigest out;
  for (const std::string& id : request.licensees) out.add(id);
  out.add(request.base ? "base" : "");
  if (request.base) {
    const auto digest = embed::release_digest(*request.base->checkpoint);
    if (!digest) return digest.error();
    out.add(*digest);
  }
  if (auto status = add_carried(request.carried, out); !status) return std::move(status).error();
  return std::string(as_text(out.finish()));
}

Result<embed::PartIdentity> identity_of(checkpoint::ReadingList& suspect,
                                        Result<std::string> asked) {
  auto model = suspect_digest(suspect);
  if (!model) return std::move(model).error();
  if (!asked) return std::move(asked).error();
  return embed::PartIdentity{"weightmark " WMK_VERSION, *std::move(model), *std::move(asked),
                             std::string(stats::order_of_sums())};
}

Error mismatch(std::string why, std::string hint) {
  return Error(ErrorCode::invalid_argument, std::move(why)).with_hint(std::move(hint));
}

}  // namespace

Result<embed::PartIdentity> part_identity(checkpoint::ReadingList& suspect,
                                          const verify::DetectRequest& request) {
  return identity_of(suspect, request_digest(request));
}

Result<embed::PartIdentity> part_identity(checkpoint::ReadingList& suspect,
                                          const verify::TraceRequest& request) {
  return identity_of(suspect, request_digest(request));
}

Result<std::string> model_digest(const OpenedModel& model) {
  FieldDigest out;
  Status status = add_model(
      checkpoint::borrowed_reading(model.checkpoint, model.anatomy, model.vocabulary), out);
  if (!status) return std::move(status).error();
  return std::string(as_text(out.finish()));
}

Status check_identity(const embed::PartIdentity& part, const embed::PartIdentity& own) {
  if (part.program != own.program) {
    return mismatch(cat("it was made by ", escaped(part.program), ", and this is ", own.program),
                    "make parts and merge them with the same version");
  }
  if (part.suspect != own.suspect) {
    return mismatch("it is a part of another model",
                    "files, config and tokenizer must be the same for all parts and the merge");
  }
  if (part.request != own.request) {
    return mismatch(
        "it answers another question",
        "--record, --release, --original, --sites, --shares and --share must be the same "
        "for all parts and the merge, and the model on disk or over the network");
  }
  if (part.rounding != own.rounding) {
    return mismatch(cat("its products were rounded as '", escaped(part.rounding), "', here as '",
                        own.rounding, "'"),
                    "set WMK_KERNEL to the same kernel on all machines, such as avx2");
  }
  return {};
}

}  // namespace wmk::library
