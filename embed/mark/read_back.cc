#include "embed/mark/read_back.h"

#include <algorithm>

#include "base/text.h"
#include "embed/read/share_readings.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/price.h"

namespace wmk::embed {

namespace {

constexpr TagRule kReadBackRules[] = {TagRule::hard};
constexpr double kPromisedMin = 12;  // below, chance moves z too much for a refusal
constexpr double kFoundPartMin = 0.5;

// <code, s> and ||s||^2 of the licensee's block sums.
Correlation correlate_code(const Structure& trace, const PerKind<std::vector<double>>& v,
                           const std::string& licensee) {
  const std::vector<double> sums = block_sums(trace, v);
  const auto code = licensee_code(trace.key, licensee);
  Correlation out;
  for (size_t l = 0; l < sums.size(); ++l) {
    out.product += code[l] * sums[l];
    out.norm_squared += sums[l] * sums[l];
  }
  return out;
}

// One for each structure.
std::vector<Correlation> correlations(const std::vector<Structure>& structures,
                                      const SketchSet& sketches, const ReadBackRequest& request) {
  const auto v = guarded_sketches(structures, sketches, kReadBackRules, request.threads);
  std::vector<Correlation> out;
  for (size_t s = 0; s < structures.size(); ++s) {
    out.push_back(request.licensee ? correlate_code(structures[s], v[s], *request.licensee)
                                   : correlate(structures[s], v[s]));
  }
  return out;
}

double expected_after(const MarkPlan& plan, uint64_t weights, double length) {
  const double shares = plan.shares;
  return expected_z(plan.share_strength(), shares * static_cast<double>(weights),
                    shares * plan.entries, length);
}

double length_of_all(const std::vector<Structure>& structures, const SketchSet& sketches) {
  Length length;
  for (size_t s = 0; s < structures.size(); ++s) {
    length += length_of(structures[s], sketches, s, TagRule::hard);
  }
  return length.value();
}

}  // namespace

double read_back_enough() { return 2 * conclusive_z(price_of(1, false)); }

Result<ReadBackResult> read_back(const checkpoint::Checkpoint& written,
                                 const checkpoint::Anatomy& anatomy,
                                 const std::vector<Structure>& structures,
                                 const ReadBackRequest& request) {
  Scan scan(written, anatomy, structures, scan_order(written, anatomy), true);
  if (request.progress) request.progress->begin("reading back", weight_bytes(written, anatomy));
  ReadBackResult out;
  while (!scan.done() && out.read.total < read_back_enough()) {
    Status status = scan.advance(request.threads, request.progress);
    if (!status) return std::move(status).error();
    const SketchSet& sketches = scan.sketches();
    // An analysis that is expected to fall short is not worth its time.
    const double length = length_of_all(structures, sketches);
    out.expected_z = expected_after(request.plan, sketches.weights, length);
    if (!scan.done() && out.expected_z < 0.9 * read_back_enough()) continue;
    out.read = {.weights = sketches.weights, .length = length};
    Correlation total;
    for (const Correlation& each : correlations(structures, sketches, request)) {
      out.read.z.push_back(each.z());
      total += each;
    }
    out.read.total = total.z();
  }
  if (request.progress) request.progress->end();
  return out;
}

Status check_read_back(const MarkPlan& plan, const ReadBackResult& result) {
  if (plan.expected_z(plan.shares) < kPromisedMin) return {};
  const double least = kFoundPartMin * std::max(result.expected_z, kPromisedMin);
  if (result.read.total >= least) return {};
  return Error(ErrorCode::unsupported,
               cat("the mark cannot be found in the marked copy: z = ", fixed(result.read.total, 1),
                   " where ", fixed(expected_after(plan, result.read.weights, 1), 1),
                   " was expected"))
      .with_hint(
          "the norm weights may have been read wrongly: see 'weightmark inspect' and --naming");
}

}  // namespace wmk::embed
