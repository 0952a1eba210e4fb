// Rows of an output head, token by token.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <vector>

#include "embed/output/column_scale.h"
#include "lineage/logits/shared_tokens.h"

namespace wmk::lineage {

// The head's row of each token, centred and scaled: tokens x width. Errors: reading.
Result<std::vector<float>> head_rows_of(const embed::HeadRows& head,
                                        const embed::ColumnScale& scale,
                                        const std::vector<SharedToken>& tokens, unsigned threads);

}  // namespace wmk::lineage
