// The rows of a suspect and of a release between which a map is looked for.
//
// Lifetime: refer to both models. Their mappers refer to them. Thread-safety: one caller.
#pragma once

#include "neurons/carry/map_fit.h"
#include "neurons/rows/gate_rows.h"
#include "neurons/rows/query_rows.h"
#include "neurons/rows/token_cloud.h"

namespace wmk::neurons {

// Gate rows. `span`: of what is written in the suspect (written_span.h).
class NeuronsOfBoth {
 public:
  NeuronsOfBoth(const Rows& span, const Model& suspect, const Model& release)
      : suspect_(suspect, span, RowChoice::strong), release_(release, {}, RowChoice::all) {}

  const RowSource& suspect() const { return suspect_; }
  const RowSource& release() const { return release_; }
  // `is_shared` (all): the processes of mpirun search together.
  Mapper mapper(unsigned threads, Progress* progress, ReleaseMemo& memo, bool is_shared = false) {
    return {{suspect_, release_, threads, 1, is_shared, progress}, memo};
  }

 private:
  GateRows suspect_, release_;
};

// The longest rows of the embeddings, under forms of queries and keys.
class TokensOfBoth {
 public:
  TokensOfBoth(const Rows& span, const Model& suspect, const Model& release);

  // Rows of queries and keys: layers.
  const RowSource& suspect() const { return suspect_forms_; }
  const RowSource& release() const { return release_forms_; }
  Mapper mapper(unsigned threads, Progress* progress) {
    return {{suspect_, release_, threads, 1, false, progress},
            {suspect_forms_, release_forms_, threads},
            memo_};
  }

 private:
  TokenCloud suspect_, release_;
  QueryRows suspect_forms_, release_forms_;
  ReleaseMemo memo_;
};

// Whether gate rows of the release have a sign: without a gate, an odd activation leaves it open.
bool have_signs(const Model& release);

}  // namespace wmk::neurons
