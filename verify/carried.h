// The carried frame: the release's own frame, turned into the suspect's coordinates by the map
// between their neurons (specs/carried_frame.md).
//
// Purpose: finds a mark in a copy with a new embedding, a new tokenizer, another order of layers
// and a rotated residual stream. Lifetime: refers to the subjects; remembers the map of each
// suspect. Thread-safety: one caller; starts its own workers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/progress.h"
#include "embed/scheme/record.h"
#include "neurons/carry/neuron_map.h"
#include "verify/frame_source.h"

namespace wmk::verify {

// How the release's neurons, or else its tokens, were found in a suspect; `why_not` says why they
// were not.
struct CarriedFit {
  std::string why_not;
  std::shared_ptr<const neurons::ResidualMap> map = {};  // if found; readings may share it

  bool found() const { return why_not.empty(); }
};

struct CarriedSummary;
CarriedSummary summary_of(const CarriedFit& fit);

struct Workers {
  unsigned threads = 1;
  Progress* progress = nullptr;
};

class CarriedFrames {
 public:
  // At least one of the two. The map is fitted on the neurons of `original`, the model before it
  // was marked, or else on those of the release. The frame is that of the release, or else that of
  // the original, whose embedding is the same or nearly so.
  CarriedFrames(std::optional<Subject> release, std::optional<Subject> original);

  // The model that maps are fitted to, and that tokens get their labels from.
  const Subject& source() const { return original_ ? *original_ : *release_; }

  // The release and the original, of those that were given.
  std::vector<const Subject*> models() const {
    std::vector<const Subject*> out;
    if (release_) out.push_back(&*release_);
    if (original_) out.push_back(&*original_);
    return out;
  }

  // Gates carry gate marks, so a map that was fitted on the release's leans towards their carriers;
  // then only up and down are scored. Tokens, queries and keys carry no mark of neurons or heads.
  bool scores_all_kinds(const checkpoint::Anatomy* suspect) const;
  // Whether source() is the model before it was marked.
  bool is_original() const { return original_.has_value(); }
  // Part of the weights of a mark that is scored in a suspect.
  double scored_part(const checkpoint::Anatomy* suspect) const;

  // Whether the models and the record, if there is one, fit each other. Errors: reading; they
  // differ in width or coordinates, so that there is no carried frame for any suspect
  // (invalid_argument).
  Status check(const embed::MarkRecord* record) const;

  // Errors: as check(nullptr). That they are not found is not an error.
  Result<const CarriedFit*> fit(const Subject& suspect, Workers workers);

  // `record`: its frames of shares are used if there is no release. `are_ids`: the rows of
  // the release are labelled by number. Errors: as above; no map (unsupported).
  struct Labels {
    const embed::MarkRecord* record = nullptr;
    bool are_ids = false;
    std::vector<unsigned> shares = {};  // whose keys these are
  };
  Result<std::vector<embed::Structure>> structures(const Subject& suspect,
                                                   std::vector<embed::StructureKey> keys,
                                                   const Labels& labels, Workers workers);

 private:
  Result<std::vector<embed::Structure>> own_structures(std::vector<embed::StructureKey> keys,
                                                       const Labels& labels, Workers workers);

  // From neurons, or else from tokens; a map of an earlier reading, if it holds. Errors: reading.
  Result<CarriedFit> find_map(const neurons::Model& suspect, Workers workers);
  // From tokens, found once where several readings have the same embedding, queries and keys; null
  // if there is none.
  Result<std::shared_ptr<const neurons::ResidualMap>> map_by_tokens(const neurons::Model& suspect,
                                                                    Workers workers);

  std::optional<Subject> release_, original_;
  // Remembers a map for other readings.
  std::shared_ptr<const neurons::ResidualMap> keep(neurons::ResidualMap map);

  struct ByTokens {
    neurons::Model suspect;
    std::shared_ptr<const neurons::ResidualMap> map;
  };
  std::vector<ByTokens> by_tokens_;  // of the readings in which tokens were looked for
  std::vector<std::shared_ptr<const neurons::ResidualMap>> maps_;  // that were found by searches
  neurons::ReleaseMemo memo_;                                      // of source()
  std::map<const checkpoint::Anatomy*, CarriedFit> fits_;
};

}  // namespace wmk::verify
