#include "embed/mark/make_record.h"

#include "base/text.h"
#include "crypto/key_file.h"
#include "embed/scheme/label_set.h"

namespace wmk::embed {

MarkRecord make_record(const checkpoint::Anatomy& anatomy, const checkpoint::Vocabulary& vocabulary,
                       const MarkPlan& plan, const SitePlans& sites, const EmbedRequest& request,
                       std::vector<Structure>& structures) {
  MarkRecord record;
  record.key_fingerprint = crypto::fingerprint(*request.master);
  record.strength = plan.strength;
  record.shares = request.licensee ? 0 : plan.shares;
  record.weights = plan.weights;
  record.units = anatomy.unit_count();
  record.width = anatomy.width;
  record.string_labels = !vocabulary.source.empty();
  if (record.string_labels) record.labels = label_hashes(vocabulary);
  record.licensee = request.licensee.value_or("");
  record.family = anatomy.family;
  record.sites = sites.marked();
  if (sites.marks(Site::output)) {
    record.output_pairs = sites.output_pairs;
    record.output_rows = sites.head.rows;
  }
  for (unsigned i = 0; i < structures.size(); ++i) {
    const std::string name = structure_name(structures[i], i);
    record.frames.push_back({name, std::move(structures[i].frame)});
    if (structures[i].tag_frame) {
      record.frames.push_back({cat(name, "/tags"), std::move(*structures[i].tag_frame)});
    }
  }
  return record;
}

}  // namespace wmk::embed
