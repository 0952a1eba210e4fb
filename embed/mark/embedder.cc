#include "embed/mark/embedder.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/write/copy.h"
#include "embed/mark/make_record.h"
#include "embed/mark/mark_sites.h"
#include "embed/mark/publish.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/release_digest.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;

// Of all units that the shapes promise: those of layers that were left out, and those that the
// marker skipped.
Status check_skipped(const Anatomy& anatomy, const Change& change, const EmbedRequest& request) {
  const uint64_t left_out = anatomy.skipped_unit_count();
  const uint64_t skipped = left_out + change.skipped;
  const uint64_t units = anatomy.unit_count() + left_out;
  const double part = static_cast<double>(skipped) / static_cast<double>(std::max(units, skipped));
  if (request.allow_skipped || skipped == 0 || part <= kSkippedPartMax) return {};
  std::string reason = change.skipped > 0 ? change.reason() : std::string();
  if (left_out > 0) {
    const checkpoint::SkippedUnits& first = anatomy.skipped.front();
    if (!reason.empty()) reason += ", ";
    reason += cat(left_out, " cannot be read, such as those of ", escaped(first.label), " (",
                  escaped(first.reason), ")");
  }
  return Error(ErrorCode::unsupported, cat(skipped, " of ", units, " units (", fixed(100 * part, 1),
                                           " %) cannot be marked: ", reason))
      .with_hint(
          "if that is right, --allow-skipped marks the others; vectors of zeros can also mean norm "
          "weights that were read wrongly: see 'weightmark inspect' and --naming");
}

Result<checkpoint::Companions> companions_of(const Checkpoint& checkpoint,
                                             const EmbedRequest& request) {
  if (request.in_place) return checkpoint::Companions();
  return checkpoint::plan_companions(checkpoint, request.companions);
}

Result<checkpoint::CheckpointCopy> begin_copy(const Checkpoint& checkpoint,
                                              const EmbedRequest& request) {
  if (request.in_place) return checkpoint::CheckpointCopy::over(checkpoint);
  return checkpoint::CheckpointCopy::begin(checkpoint, request.out, request.replace);
}

Status publish_marked(checkpoint::CheckpointCopy copy, const MarkRecord& record,
                      const EmbedRequest& request) {
  if (!request.in_place) {
    return publish(std::move(copy), record,
                   {request.out, request.record, request.replace, request.before_publish_step});
  }
  if (request.record.empty()) return {};
  return write_record(request.record, record, request.replace);
}

}  // namespace

Result<MarkPlan> plan_embedding(const Anatomy& anatomy, const EmbedRequest& request) {
  if (request.licensee && request.licensee->empty()) {
    return Error(ErrorCode::invalid_argument, "a licensee's id must not be empty");
  }
  if (auto status = check_skipped(anatomy, {}, request); !status) return std::move(status).error();
  if (!request.licensee) return plan_mark(anatomy, request.strength, request.shares);
  return plan_mark(anatomy.weight_count(), static_cast<double>(kCodeBits), request.strength, 1);
}

Result<EmbedResult> embed(const Checkpoint& checkpoint, const Anatomy& anatomy,
                          const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                          const EmbedRequest& request) {
  if (auto status = check_markable(checkpoint, anatomy, request.sites); !status)
    return std::move(status).error();
  auto companions = companions_of(checkpoint, request);
  if (!companions) return std::move(companions).error();
  auto copy = begin_copy(checkpoint, request);
  if (!copy) return std::move(copy).error();
  Status status;
  if (!request.record.empty()) status = try_output(request.record, request.replace);
  if (!status) return std::move(status).error();

  auto sites = plan_sites(checkpoint, anatomy, plan, request.sites, request.licensee.has_value());
  if (!sites) return std::move(sites).error();
  EmbedResult result;
  result.sites = std::move(*sites);
  result.bytes_written = copy->bytes();
  const MarkingRun run{checkpoint, anatomy, vocabulary.strings, plan, request, *copy, result};
  if (request.progress) request.progress->begin("marking", copy->bytes());
  status = mark_output(run);
  if (!status) return std::move(status).error();
  auto structures = marked_structures(run);
  if (!structures) return std::move(structures).error();
  status = mark_weights(run, *structures);
  if (status) status = check_skipped(anatomy, result.change, request);
  if (status) status = mark_heads(run, *structures);
  if (request.progress) request.progress->end();
  if (status) status = copy->copy_companions(*companions);
  if (!status) return std::move(status).error();
  result.companions = std::move(*companions);

  auto written = copy->open_written();
  if (!written) return std::move(written).error();
  status = read_back_sites(run, *written, *structures);
  if (!status) return std::move(status).error();

  MarkRecord record = make_record(anatomy, vocabulary, plan, result.sites, request, *structures);
  record.read_back = result.read_back.read;
  record.site_read_backs = result.site_read_backs;
  auto digest = release_digest(*written);
  if (!digest) return std::move(digest).error();
  record.release_digest = std::move(*digest);
  status = publish_marked(std::move(*copy), record, request);
  if (!status) return std::move(status).error();
  return result;
}

}  // namespace wmk::embed
