#include "lineage/compare.h"

#include <iterator>

#include "base/text.h"
#include "checkpoint/attention/head_sizes.h"
#include "lineage/basis_search.h"
#include "lineage/forensics/copy_forensics.h"
#include "lineage/forensics/quantisation_grid_shares.h"
#include "lineage/model/progress_stage.h"
#include "lineage/shared_component.h"
#include "lineage/tests/embedding_places.h"
#include "lineage/tower/tower.h"

namespace wmk::lineage {

namespace {

void append(std::vector<TestResult>& tests, std::vector<TestResult> more) {
  tests.insert(tests.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

// Whether the sizes of heads are those that the config gives; else they were guessed from shapes.
bool are_heads_declared(const Side& side) {
  const auto declared = checkpoint::declared_head_sizes(*side.config, side.anatomy->width);
  const auto& used = side.attention;
  return declared && declared->heads == used.heads && declared->kv_heads == used.kv_heads &&
         declared->head_size == used.head_size;
}

// Shapes leave several sizes of heads open. Where one config does not fit its own matrices, and
// those of the other model have as many rows, its sizes are taken.
void share_head_sizes(const Side& from, Side& to) {
  const auto& a = from.attention;
  auto& b = to.attention;
  if (!are_heads_declared(from) || are_heads_declared(to)) return;
  const bool is_equal = a.heads * a.head_size == b.heads * b.head_size &&
                        a.kv_heads * a.head_size == b.kv_heads * b.head_size;
  if (!is_equal || a.layers.empty() || b.layers.empty()) return;
  b.heads = a.heads;
  b.kv_heads = a.kv_heads;
  b.head_size = a.head_size;
}

// Components beside the language model: another tower, the token embedding.
Status add_components(const ModelPair& pair, Comparison& out) {
  auto tower = in_one_step(pair, "other tower", [&] { return tower_results(pair); });
  if (!tower) return std::move(tower).error();
  auto embedding = in_one_step(pair, "embedding in place", [&] { return embedding_places(pair); });
  if (!embedding) return std::move(embedding).error();
  std::vector<TestResult> beside = std::move(tower->tests);
  beside.push_back(*std::move(embedding));
  judge_beside(beside, tower->name, out.judgement);
  append(out.tests, std::move(beside));
  return {};
}

// Values are compared one by one only if both models use the same coordinates.
Status add_forensics(const ModelPair& pair, Comparison& out) {
  if (!out.same_coordinates) return {};
  auto forensics =
      in_one_step(pair, "copy forensics", [&] { return copy_forensics(pair, out.layers); });
  if (!forensics) return std::move(forensics).error();
  out.tests.push_back(*std::move(forensics));
  auto grids =
      in_one_step(pair, "quantisation grids", [&] { return grid_shares(pair, out.layers); });
  if (!grids) return std::move(grids).error();
  out.tests.push_back(*std::move(grids));
  return {};
}

// What structure shows about who came first, if the models share weights at all.
std::string direction_of(const Comparison& found) {
  const LineageVerdict verdict = found.judgement.verdict;
  if (verdict != LineageVerdict::derived && verdict != LineageVerdict::partly_derived) return {};
  const bool neurons = found.judgement.families[3].hit;
  std::string out;
  for (const TestResult& test : found.tests) {
    const bool counts = test.component != Component::feed_forward || neurons;
    if (!test.direction.empty() && counts) out += cat(out.empty() ? "" : "; ", test.direction);
  }
  return out;
}

}  // namespace

Result<Comparison> compare(ModelPair pair) {
  for (Side* side : {&pair.suspect, &pair.reference}) {
    if (auto status = find_attention(*side); !status) return std::move(status).error();
  }
  share_head_sizes(pair.reference, pair.suspect);
  share_head_sizes(pair.suspect, pair.reference);
  auto found = search_bases(pair);
  if (!found) return found;
  if (auto status = add_components(pair, *found); !status) return std::move(status).error();
  if (auto status = add_forensics(pair, *found); !status) return std::move(status).error();
  auto soft = in_one_step(pair, "curves and spectra", [&] { return soft_panel(pair); });
  if (!soft) return std::move(soft).error();
  append(found->tests, std::move(found->about_bases));
  append(found->tests, std::move(soft->tests));
  found->suspect_curves = std::move(soft->suspect);
  found->reference_curves = std::move(soft->reference);
  found->judgement.direction = direction_of(*found);
  return found;
}

}  // namespace wmk::lineage
