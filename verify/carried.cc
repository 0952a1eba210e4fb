#include "verify/carried.h"

#include <algorithm>

#include "base/text.h"
#include "embed/scheme/keys.h"
#include "neurons/carry/map_holds.h"
#include "stats/gemm.h"
#include "stats/vectors.h"
#include "verify/detect.h"

namespace wmk::verify {

namespace {

// P O^T.
embed::Frame turned(const embed::Frame& frame, const neurons::ResidualMap& map) {
  embed::Frame out{frame.rows, map.suspect_width,
                   std::vector<float>(frame.rows * map.suspect_width)};
  stats::gemm(stats::Op::plain, stats::Op::transposed, frame.rows, map.suspect_width, frame.width,
              frame.values.data(), frame.width, map.o.data(), map.release_width, 0.0f,
              out.values.data(), map.suspect_width);
  return out;
}

embed::VectorKind fitted_kind(bool gated) {
  return gated ? embed::VectorKind::gate : embed::VectorKind::up;
}

// Mean cosine of token rows with the same number, at even distances.
Result<double> embedding_cosine(const Subject& a, const Subject& b) {
  constexpr uint64_t count = 256;
  const uint64_t tokens = std::min(a.anatomy->vocabulary, b.anatomy->vocabulary);
  const size_t width = a.anatomy->width;
  double sum = 0;
  for (uint64_t i = 0; i < count; ++i) {
    neurons::Rows rows[2];
    for (const Subject* model : {&a, &b}) {
      neurons::Rows& one = rows[model == &b ? 1 : 0];
      Status status = neurons::read_matrix_rows(*model->checkpoint, model->anatomy->token_embedding,
                                                width, i * tokens / count, 1, one);
      if (!status) return std::move(status).error();
      neurons::normalise(one);
    }
    sum += stats::dot(rows[0].row(0), rows[1].row(0), width) / count;
  }
  return sum;
}

// A release has the embedding of its original.
constexpr double kSameEmbedding = 0.5;

}  // namespace

CarriedSummary summary_of(const CarriedFit& fit) {
  if (!fit.found()) return {fit.why_not};
  const neurons::ResidualMap& map = *fit.map;
  return {{}, map.fitted_to == neurons::MapRows::tokens, map.pairs, map.cosine, map.confirmed};
}

CarriedFrames::CarriedFrames(std::optional<Subject> release, std::optional<Subject> original)
    : release_(release), original_(original) {}

bool CarriedFrames::scores_all_kinds(const checkpoint::Anatomy* suspect) const {
  const auto fit = fits_.find(suspect);
  const bool is_by_tokens = fit != fits_.end() && fit->second.found() &&
                            fit->second.map->fitted_to == neurons::MapRows::tokens;
  return original_ || is_by_tokens;
}

double CarriedFrames::scored_part(const checkpoint::Anatomy* suspect) const {
  if (scores_all_kinds(suspect)) return 1;
  return suspect->gated ? 2.0 / 3 : 1.0 / 2;
}

Status CarriedFrames::check(const embed::MarkRecord* record) const {
  const auto refuse = [](std::string why) {
    return Status(Error(ErrorCode::invalid_argument, std::move(why)));
  };
  const uint64_t width = (release_ ? release_ : original_)->anatomy->width;
  if (record && record->width != width) {
    return refuse(cat(release_ ? "--release" : "--original", " has width ", width,
                      ", and the record is of a model of width ", record->width,
                      "; give the model that this record was written for"));
  }
  if (!release_ || !original_) return {};
  if (const uint64_t other = original_->anatomy->width; width != other) {
    return refuse(cat("--release has width ", width, ", and --original has ", other,
                      "; give the model that the release was made from"));
  }
  auto cosine = embedding_cosine(*release_, *original_);
  if (!cosine) return std::move(cosine).error();
  if (!(*cosine > kSameEmbedding)) {
    return refuse(
        "the token rows of --release are not those of --original, or in another order; "
        "give the model that the release was made from");
  }
  return {};
}

Result<std::shared_ptr<const neurons::ResidualMap>> CarriedFrames::map_by_tokens(
    const neurons::Model& suspect, Workers workers) {
  for (const ByTokens& each : by_tokens_) {
    if (neurons::have_equal_tokens(suspect, each.suspect)) return each.map;
  }
  const neurons::Model release{source().checkpoint, source().anatomy};
  for (const auto& map : maps_) {
    const auto holds = neurons::holds_for_tokens(*map, suspect, release, workers.threads);
    if (!holds) return holds.error();
    if (*holds) return by_tokens_.emplace_back(suspect, map).map;
  }
  auto map = neurons::map_tokens(suspect, release, workers.threads, workers.progress);
  if (!map && map.error().code() != ErrorCode::unsupported) return std::move(map).error();
  return by_tokens_.emplace_back(suspect, map ? keep(*std::move(map)) : nullptr).map;
}

std::shared_ptr<const neurons::ResidualMap> CarriedFrames::keep(neurons::ResidualMap map) {
  maps_.push_back(std::make_shared<const neurons::ResidualMap>(std::move(map)));
  return maps_.back();
}

Result<CarriedFit> CarriedFrames::find_map(const neurons::Model& suspect, Workers workers) {
  const neurons::Model release{source().checkpoint, source().anatomy};
  for (const auto& map : maps_) {
    const auto holds = neurons::holds_for_neurons(*map, suspect, release, workers.threads);
    if (!holds) return holds.error();
    if (*holds) return CarriedFit{{}, map};
  }
  auto map = neurons::map_neurons(
      suspect, release, {workers.threads, workers.progress, neurons::kConfirmedMin, &memo_});
  if (map) return CarriedFit{{}, keep(*std::move(map))};
  if (map.error().code() != ErrorCode::unsupported) return std::move(map).error();
  auto by_tokens = map_by_tokens(suspect, workers);
  if (!by_tokens) return std::move(by_tokens).error();
  if (*by_tokens) return CarriedFit{{}, *std::move(by_tokens)};
  return CarriedFit{map.error().message()};
}

Result<const CarriedFit*> CarriedFrames::fit(const Subject& suspect, Workers workers) {
  const auto known = fits_.find(suspect.anatomy);
  if (known != fits_.end()) return &known->second;
  if (Status status = check(nullptr); !status) return std::move(status).error();
  auto fit = find_map({suspect.checkpoint, suspect.anatomy}, workers);
  if (!fit) return std::move(fit).error();
  const uint64_t width = suspect.anatomy->width, other = source().anatomy->width;
  if (!fit->found() && width != other) {
    fit->why_not +=
        cat(" (the suspect has width ", width, ", and ", original_ ? "--original" : "--release",
            " has ", other, "); give the release that the suspect may come from");
  }
  return &fits_.emplace(suspect.anatomy, *std::move(fit)).first->second;
}

Result<std::vector<embed::Structure>> CarriedFrames::own_structures(
    std::vector<embed::StructureKey> keys, const Labels& labels, Workers workers) {
  if (!release_ && labels.record && labels.shares.size() == keys.size()) {
    std::vector<embed::Structure> out;
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::string name = cat("share/", labels.shares[i]);
      const embed::Frame* frame = labels.record->find(name);
      if (!frame) return Error(ErrorCode::malformed, cat("the record has no frame for ", name));
      out.push_back(make_structure(std::move(keys[i]), *frame, std::nullopt));
    }
    return out;
  }
  const Subject& source = release_ ? *release_ : *original_;
  const bool by_ids = labels.are_ids || source.vocabulary->source.empty();
  return embed::make_structures(
      *source.checkpoint, *source.anatomy,
      make_labels(source, by_ids ? FrameSource::ids : FrameSource::strings), std::move(keys),
      workers.threads, nullptr);
}

Result<std::vector<embed::Structure>> CarriedFrames::structures(
    const Subject& suspect, std::vector<embed::StructureKey> keys, const Labels& labels,
    Workers workers) {
  auto found = fit(suspect, workers);
  if (!found) return std::move(found).error();
  if (!(*found)->found()) return Error(ErrorCode::unsupported, (*found)->why_not);
  const neurons::ResidualMap& map = *(*found)->map;
  auto out = own_structures(std::move(keys), labels, workers);
  if (!out) return std::move(out).error();
  for (embed::Structure& structure : *out) {
    if (structure.frame.width != map.release_width) {
      return Error(ErrorCode::invalid_argument,
                   cat("the frame has width ", structure.frame.width,
                       ", and the model that the map was fitted to ", map.release_width));
    }
    structure.frame = turned(structure.frame, map);
    if (structure.tag_frame) structure.tag_frame = turned(*structure.tag_frame, map);
    structure.uses_frame_length = true;
    if (!scores_all_kinds(suspect.anatomy))
      structure.unscored = fitted_kind(suspect.anatomy->gated);
  }
  return out;
}

}  // namespace wmk::verify
