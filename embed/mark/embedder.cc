#include "embed/mark/embedder.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/write/copy.h"
#include "embed/mark/make_record.h"
#include "embed/mark/mark_sites.h"
#include "embed/mark/publish.h"
#include "embed/mark/shared_stages.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/release_digest.h"
#include "mpi/processes.h"

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

// Whether this process makes the output and gives it its name.
bool publishes(const EmbedRequest& request) {
  return !request.is_shared || mpi::place().is_first();
}

Result<checkpoint::Companions> companions_of(const Checkpoint& checkpoint,
                                             const EmbedRequest& request) {
  if (request.in_place) return checkpoint::Companions();
  return checkpoint::plan_companions(checkpoint, request.companions);
}

Result<checkpoint::CheckpointCopy> begin_copy(const Checkpoint& checkpoint,
                                              const EmbedRequest& request) {
  if (request.in_place) return checkpoint::CheckpointCopy::over(checkpoint);
  if (!publishes(request)) return checkpoint::CheckpointCopy::join(checkpoint, request.out);
  return checkpoint::CheckpointCopy::reserve(checkpoint, request.out, request.replace);
}

// What decides about the bytes of the copy, beside model and key.
std::string request_text(const MarkPlan& plan, const SitePlans& sites,
                         const EmbedRequest& request) {
  std::string out = cat(plan.strength, " ", plan.shares, " ", sites.output_pairs, " ",
                        sites.output_energy, " ", request.licensee.has_value() ? "licensee" : "");
  for (const Site site : kSites) out += sites.marks(site) ? cat(" ", to_string(site)) : "";
  return cat(out, "\n", request.licensee.value_or(""));
}

Result<Resumption> begin_resumption(checkpoint::CheckpointCopy& copy, const Checkpoint& checkpoint,
                                    const Anatomy& anatomy,
                                    const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                                    const SitePlans& sites, const EmbedRequest& request) {
  const auto identify = [&] {
    return identity_of(checkpoint, anatomy, vocabulary.strings, *request.master,
                       request_text(plan, sites, request));
  };
  if (request.is_shared) {
    if (Status status = meet_on(identify()); !status) return std::move(status).error();
  }
  if (request.in_place || !publishes(request)) return Resumption();
  ResumeRequest resume{checkpoint, *request.master, request.replace};
  resume.threads = request.threads;
  resume.progress = request.progress;
  if (request.resume) {
    auto run = identify();
    if (!run) return std::move(run).error();
    resume.run = *std::move(run);
  }
  return Resumption::begin(copy, resume);
}

// The weights of the copy, or those that this process owns. Returns the frames.
Result<std::vector<Structure>> write_weights(const MarkingRun& run) {
  const EmbedRequest& request = run.request;
  if (request.progress) request.progress->begin("marking", run.copy.bytes());
  Status status = publishes(request) ? mark_output(run) : Status();
  if (status && request.is_shared) status = share_files(run);
  if (!status) return std::move(status).error();
  auto structures = marked_structures(run);
  if (!structures) return std::move(structures).error();
  status = mark_weights(run, *structures);
  if (request.progress) request.progress->end();
  if (!status) return std::move(status).error();
  return structures;
}

// All of the copy but its name. Returns its record.
Result<MarkRecord> complete(const MarkingRun& run, const checkpoint::Vocabulary& vocabulary,
                            std::vector<Structure>& structures) {
  const EmbedRequest& request = run.request;
  Status status = check_skipped(run.anatomy, run.result.change, request);
  if (status) status = run.copy.copy_companions(run.result.companions);
  if (!status) return std::move(status).error();

  auto written = run.copy.open_written();
  if (!written) return std::move(written).error();
  status = read_back_sites(run, *written, structures);
  if (!status) return std::move(status).error();
  MarkRecord record =
      make_record(run.anatomy, vocabulary, run.plan, run.result.sites, request, structures);
  record.read_back = run.result.read_back.read;
  record.site_read_backs = run.result.site_read_backs;
  auto digest = release_digest(*written);
  if (!digest) return std::move(digest).error();
  record.release_digest = std::move(*digest);
  return record;
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
  if (request.is_shared && request.resume) {
    return Error(ErrorCode::invalid_argument, "--resume is for one process")
        .with_hint("leave out --resume, or mpirun");
  }
  auto companions = companions_of(checkpoint, request);
  if (!companions) return std::move(companions).error();
  auto copy = begin_copy(checkpoint, request);
  if (!copy) return std::move(copy).error();
  Status status;
  if (!request.record.empty() && publishes(request)) {
    status = try_output(request.record, request.replace);
  }
  if (!status) return std::move(status).error();

  EmbedResult result;
  auto sites = plan_sites(checkpoint, anatomy, plan, request.sites, request.licensee.has_value());
  if (!sites) return std::move(sites).error();
  result.sites = std::move(*sites);
  result.companions = std::move(*companions);
  result.bytes_written = copy->bytes();
  auto resumption =
      begin_resumption(*copy, checkpoint, anatomy, vocabulary, plan, result.sites, request);
  if (!resumption) return std::move(resumption).error();
  result.resume = resumption->report();
  const MarkingRun run{checkpoint, anatomy, vocabulary.strings, plan, request,
                       *copy,      result,  *resumption};
  auto structures = write_weights(run);
  if (!structures) return resumption->fail(structures.error());
  if (!publishes(request)) return result;
  auto record = complete(run, vocabulary, *structures);
  if (!record) return resumption->fail(std::move(record).error());
  status = publish_marked(std::move(*copy), *record, request);
  if (!status) return std::move(status).error();
  resumption->done();
  return result;
}

}  // namespace wmk::embed
