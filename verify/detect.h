// Detection: is the ownership mark of this key in this checkpoint? (specs/verdicts.md)
//
// Purpose: tries the hypotheses of a list that is written before anything is scored: readings of
// the model, the declared one first; for each its frames (own strings, own ids, shared strings,
// recorded, carried), plain and in windows of careful sketches, with tag rules (hard, soft),
// interim analyses, and totals of shares if their number is unknown. Each has its price. Detection
// is blind: it needs only the key and the suspect. A record adds frames and the number of shares.
// Lifetime: values. Thread-safety: one caller; starts its own workers; the answer is the same for
// any number of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "checkpoint/readings/reading_list.h"
#include "embed/parts/part_sums.h"
#include "embed/read/sketch.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/record.h"
#include "embed/sites/site.h"
#include "report/level.h"
#include "verify/claims/claim.h"
#include "verify/claims/judge.h"
#include "verify/exclusion.h"
#include "verify/hypotheses.h"

namespace wmk::verify {

// How far the list of readings is followed.
enum class ReadingScope { declared, usual, all };
inline constexpr size_t kUsualReadings = 40;
// "declared", "usual", "all"; none: another word.
std::optional<ReadingScope> scope_of(std::string_view word);
// Readings of the list with a smaller index are tried.
size_t end_of(ReadingScope scope);

class CarriedFrames;

// What a statistic is about: one site, or all that were read.
enum class SiteChoice { ffn, heads, output, all };
std::string_view to_string(SiteChoice choice);
constexpr SiteChoice choice_of(embed::Site site) { return static_cast<SiteChoice>(site); }

// Nothing else is read: neurons need not be found.
inline constexpr embed::Sites kHeadAlone{{false, false, true}};

struct DetectRequest {
  const crypto::SecretBytes* master = nullptr;
  const embed::DisclosedShare* disclosed =
      nullptr;                                    // in place of `master`: `share` must be its own
  const embed::MarkRecord* record = nullptr;      // optional; must belong to this key
  std::optional<unsigned> shares = std::nullopt;  // how many the mark has, if known
  std::optional<unsigned> share = std::nullopt;   // read only this one
  bool full = false;                              // no interim analyses: read everything
  CarriedFrames* carried = nullptr;  // optional: the release's frame, carried by neurons
  // embed::label_hashes of the release's tokenizer, where the record does not list them.
  std::vector<uint64_t> release_labels = {};
  std::vector<Subject> controls = {};  // ancestors that must not show the mark in the same frame
  ClaimSources sources = {};
  ReadingScope readings = ReadingScope::usual;
  embed::Sites sites = {{true, true, false}};  // that are read
  // The output head is read where the other sites do not settle the matter.
  bool output_if_open = true;
  // Over the network: the record's frame, which needs no embedding, is tried first, all shares are
  // read together, and heads from the second analysis on. Places and prices stay.
  bool is_sparing = false;
  // Weights of the suspect under unusual names would not have been seen (a folder on a server).
  bool is_unlisted = false;
  bool by_layer = false;  // also compute z of each layer and expert, in a second pass
  double alpha = kDefaultAlpha;
  unsigned threads = 1;
  uint64_t block_bytes = checkpoint::kBlockBytes;
  Progress* progress = nullptr;
  // The sums of a part, which nothing is judged by, or of a merge (embed/parts/part_sums.h).
  embed::PartSums* parts = nullptr;

  bool is_part() const { return parts != nullptr && parts->is_kept(); }
  // The key of a share that is read.
  crypto::SecretBytes share_key(unsigned number) const;
};

struct ShareZ {
  unsigned share;
  double z;
};

// What one site showed in the reading, frame and totals of the answer. Without p.
struct SiteZ {
  embed::Site site;
  double z;
  double expected_z;             // of an untouched copy, on the weights that were read
  uint64_t weights;              // that were read
  double length;                 // of its sketch
  std::optional<int> band = {};  // the first of the window that showed z; none: plain
  std::string head = {};         // the tensor that was read, where two may be the output head
};

struct GroupZ {
  embed::Site site;
  uint64_t layer;
  std::optional<uint64_t> expert;
  bool shared;
  std::string part;  // of the layer or model, mostly empty (checkpoint::UnitGroup)
  uint64_t weights;
  double z;
};

struct ControlZ {
  double z;
  bool is_null;
};

// What one hypothesis showed, or why it was not read.
struct Tried {
  std::string reading;  // in words
  Hypothesis hypothesis;
  double z = 0;  // the largest of its totals
  // Of an untouched copy, on the weights that were read: what was excluded.
  double expected_z = 0;
  double part = 0;  // of the weights of this reading that was read
  std::string fault = {};
  embed::Site site = embed::Site::ffn;  // the first one that was read
};

struct CarriedSummary {
  std::string why_not;  // empty: the release's neurons, or tokens, were found in the suspect
  bool by_tokens = false;
  uint64_t rows = 0;
  double cosine = 0;     // mean
  double confirmed = 0;  // part of other rows that it places clearly
};

// How the rows of the suspect's output head got the labels of the release's (specs/output.md 7).
struct CarriedTokens {
  std::string why_not = {};  // empty: the head was read under these labels
  uint64_t matched = 0, rows = 0;
  double distance = 0;  // mean, of a row's length
  // Rows and columns whose part the release's mark could have changed: each doubles p.
  uint64_t open = 0;
};

struct Detection {
  report::Level level = report::Level::undecided;
  std::optional<Doubt> doubt;  // why it is undecided
  bool is_unlisted = false;    // as requested
  Claim claim;
  // Of the hypothesis with the smallest p.
  double z = 0;
  double ln_p = 0;
  size_t reading = 0;  // index into the list
  std::string reading_words = "declared";
  // Why the declared reading is not the one of a *yes*; else empty.
  std::string why_not_declared;
  FrameSource frame = FrameSource::strings;
  unsigned window = 0;  // 0: plain
  embed::TagRule tags = embed::TagRule::hard;
  SiteChoice site = SiteChoice::ffn;
  std::vector<SiteZ> sites;
  unsigned place = 1;
  double price = 1;
  double length = 1;         // of the sketch, beside that of a random sum
  std::vector<Tried> tried;  // in the order of trying
  // z expected of an untouched copy: on the weights that were read, and on all of them. `At most`
  // unless a record lists what was marked.
  double expected_z = 0;
  double expected_z_full = 0;
  bool is_bound = true;
  uint64_t weights_read = 0;  // by the scan that gave the answer
  uint64_t weights_total = 0;
  uint64_t bytes_read = 0;  // of weights, over all scans
  std::vector<ShareZ> shares;
  // With by_layer: in the order of the model, for the frame, tag rule and windows of the answer.
  std::vector<GroupZ> groups;
  std::optional<CarriedSummary> carried;  // of the map, if it was tried
  std::optional<CarriedTokens> carried_tokens;
  std::vector<ControlZ> controls;  // in the order of the request
  uint64_t skipped_units = 0;
  uint64_t not_finite_units = 0;
  // Of a *no*: the sites in which half of a mark would have shown.
  std::vector<embed::Site> excluded;
  // More than an untouched copy would show: a stronger mark than assumed, or a fitted frame.
  bool exceeds_expected() const;
};

// Of a part nothing but `tried` is set. Errors: an invalid request; reading; no reading of the list
// can be made; parts that do not fit.
Result<Detection> detect(checkpoint::ReadingList& readings, const DetectRequest& request);
// In the declared reading, as the whole list.
Result<Detection> detect(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const checkpoint::Vocabulary& vocabulary, const DetectRequest& request);

}  // namespace wmk::verify
