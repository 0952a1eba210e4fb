#include "verify/detect_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "embed/scheme/head_structure.h"
#include "embed/scheme/keys.h"
#include "verify/shared_frame.h"

namespace wmk::verify {

namespace {

// If the number of shares is known, all are read together and only their total is tested.
// Otherwise share 0 is read first, and the others only if share 0 alone is not conclusive; where
// bytes cost more than products, all are read together.
std::vector<Stage> stages(const DetectRequest& request, std::optional<unsigned> known) {
  if (request.share) return {{{*request.share}, {1}}};
  if (known) {
    std::vector<unsigned> all(*known);
    std::iota(all.begin(), all.end(), 0u);
    return {{all, {*known}}};
  }
  if (request.is_sparing) return {{{0, 1, 2, 3}, {1, 2, 3, 4}}};
  return {{{0}, {1}}, {{1, 2, 3}, {2, 3, 4}}};
}

// z of the first `count` of these shares together: the sketches of shares are about equally long.
double read_back_z(const embed::ReadBack& release, const std::vector<unsigned>& shares,
                   unsigned count) {
  if (count == release.z.size()) return release.total;
  double sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += release.z[shares[i]];
  return sum / std::sqrt(count);
}

}  // namespace

Status check_request(const DetectRequest& request) {
  const auto refuse = [](std::string why) {
    return Status(Error(ErrorCode::invalid_argument, std::move(why)));
  };
  if (request.disclosed && (request.share != request.disclosed->share || request.record)) {
    return refuse("of a disclosed share, only that share is read, and without a record");
  }
  if (request.shares && (*request.shares < 1 || *request.shares > embed::kSharesMax)) {
    return refuse(cat("a mark has 1 to 4 shares, not ", *request.shares));
  }
  if (request.share && *request.share >= embed::kSharesMax) {
    return refuse(cat("share ", *request.share, " does not exist: shares are numbered 0 to 3"));
  }
  if (Status alpha = check_alpha(request.alpha); !alpha || !request.record) return alpha;
  if (request.record->shares == 0) {
    return refuse(
        "this is the record of a licensee's mark; detect needs that of the ownership mark");
  }
  const unsigned wanted = request.share ? *request.share + 1 : request.shares.value_or(1);
  if (wanted > request.record->shares) {
    return refuse(cat("the recorded mark has ", request.record->shares,
                      request.record->shares == 1 ? " share" : " shares", ", not ", wanted));
  }
  return {};
}

std::string_view to_string(SiteChoice choice) {
  return choice == SiteChoice::all ? "all" : to_string(static_cast<embed::Site>(choice));
}

double DetectPlan::expected_z(embed::Site site, unsigned count, uint64_t weights, double length,
                              double scored) const {
  const SitePlan& plan = this->site(site);
  const double part = static_cast<double>(std::min(weights, plan.marked_weights.value_or(weights)));
  const unsigned shares = is_number_known ? std::min(count, mark.shares) : count;
  if (plan.read_back) {
    const embed::ReadZ read{read_back_z(*plan.read_back, stages.front().read, shares),
                            static_cast<double>(plan.read_back->weights), plan.read_back->length};
    return embed::expected_z(read, part * scored, shares * plan.entries * scored, length);
  }
  // A single share I belongs to a mark of at least I + 1.
  const auto& read = stages.front().read;
  const unsigned shares_at_least = read.size() == 1 ? std::max(count, read.front() + 1) : count;
  const unsigned number = is_number_known ? mark.shares : shares_at_least;
  return embed::expected_z(mark.strength / std::sqrt(number), shares * part * scored,
                           shares * plan.entries * scored, length, plan.yield);
}

// If their number is unknown, each total has the same strength, and one share saturates first.
unsigned DetectPlan::shares_asked() const {
  return is_number_known ? std::min(mark.shares, stages.back().totals.back()) : 1;
}

Stage DetectPlan::whole() const {
  Stage out;
  for (const Stage& stage : stages) {
    out.read.insert(out.read.end(), stage.read.begin(), stage.read.end());
    out.totals.insert(out.totals.end(), stage.totals.begin(), stage.totals.end());
  }
  return out;
}

crypto::SecretBytes DetectRequest::share_key(unsigned number) const {
  return disclosed ? crypto::copy_of(disclosed->key) : embed::share_key(*master, number);
}

bool are_shares_known(const DetectRequest& request) {
  // Whoever discloses a share may have chosen the one that shows most.
  if (request.disclosed) return request.disclosed->shares == 1;
  return request.shares || request.share || request.record != nullptr;
}

FrameInputs inputs_of(const DetectRequest& request) {
  return {request.record, request.carried != nullptr, !release_labels(request).empty()};
}

bool is_wanted(FrameSource frame, const checkpoint::Vocabulary& vocabulary,
               const DetectRequest& request) {
  if (frame == FrameSource::shared) {
    return shared_rows(vocabulary, release_labels(request)).make_a_frame();
  }
  if (!request.record) return true;
  const bool wants_strings = request.record->string_labels && !vocabulary.source.empty();
  if (frame == FrameSource::strings) return wants_strings;
  return frame != FrameSource::ids || !wants_strings;
}

namespace {

// z of all shares at the default strength.
Status plan_sites(const checkpoint::Anatomy& anatomy, const DetectRequest& request,
                  DetectPlan& plan) {
  const auto usual = embed::plan_mark(anatomy, std::nullopt, std::nullopt);
  if (!usual) return usual.error();
  const double strength = usual->strength;
  SitePlan& ffn = plan.sites[static_cast<size_t>(embed::Site::ffn)];
  ffn.entries = plan.mark.entries;
  ffn.usual_z = embed::expected_z(strength, static_cast<double>(usual->weights), ffn.entries);
  SitePlan& heads = plan.sites[static_cast<size_t>(embed::Site::heads)];
  heads.entries = static_cast<double>(embed::head_entries(anatomy.width));
  heads.yield = embed::kHeadYield;
  heads.usual_z =
      embed::expected_z(strength, static_cast<double>(anatomy.heads.vectors() * anatomy.width),
                        heads.entries, 1, heads.yield);
  if (!request.record) return {};
  ffn.marked_weights = request.record->weights;
  if (!request.record->read_back.z.empty()) ffn.read_back = request.record->read_back;
  heads.marked_weights = 0;
  for (const embed::SiteReadBack& each : request.record->site_read_backs) {
    if (each.site != embed::Site::heads || each.z.empty()) continue;
    heads.marked_weights = each.weights;
    heads.read_back = embed::ReadBack{each.weights, each.z, each.total, 1};
  }
  return {};
}

}  // namespace

Result<DetectPlan> plan_detection(const checkpoint::Anatomy& anatomy,
                                  const DetectRequest& request) {
  Status status = check_request(request);
  if (!status) return std::move(status).error();
  std::optional<unsigned> known = request.shares;
  if (!known && request.record) known = request.record->shares;
  std::optional<double> strength;
  if (request.record) strength = request.record->strength;
  if (request.disclosed) {
    known = request.disclosed->shares;
    strength = request.disclosed->strength;
  }
  auto mark = embed::plan_mark(anatomy, strength, known);
  if (!mark) return std::move(mark).error();
  DetectPlan plan{stages(request, known), *mark, known.has_value(), {}, anatomy.width};
  auto status_of_sites = plan_sites(anatomy, request, plan);
  if (!status_of_sites) return std::move(status_of_sites).error();
  return plan;
}

std::optional<ReadingScope> scope_of(std::string_view word) {
  if (word == "declared") return ReadingScope::declared;
  if (word == "usual") return ReadingScope::usual;
  return word == "all" ? std::optional(ReadingScope::all) : std::nullopt;
}

size_t end_of(ReadingScope scope) {
  if (scope == ReadingScope::declared) return 1;
  return scope == ReadingScope::usual ? kUsualReadings : SIZE_MAX;
}

}  // namespace wmk::verify
