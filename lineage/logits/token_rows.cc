#include "lineage/logits/token_rows.h"

#include <algorithm>

#include "base/parallel.h"

namespace wmk::lineage {

namespace {

constexpr size_t kTokensAtOnce = 64;

// Neighbouring rows are read together.
Status read_tokens(const embed::HeadRows& head, const embed::ColumnScale& scale,
                   const SharedToken* begin, const SharedToken* end, float* out) {
  Bytes raw;
  std::vector<uint8_t> finite;
  const SharedToken* next = begin;
  for (const SharedToken* token = begin; token != end; token = next) {
    for (next = token + 1; next != end && next->row == next[-1].row + 1;) ++next;
    const auto count = static_cast<uint64_t>(next - token);
    Status status = embed::read_scaled(head, token->row, count, scale, raw, finite, out);
    if (!status) return status;
    out += count * head.width();
  }
  return {};
}

}  // namespace

Result<std::vector<float>> head_rows_of(const embed::HeadRows& head,
                                        const embed::ColumnScale& scale,
                                        const std::vector<SharedToken>& tokens, unsigned threads) {
  std::vector<float> out(tokens.size() * head.width());
  const size_t parts = (tokens.size() + kTokensAtOnce - 1) / kTokensAtOnce;
  Status status = parallel_for(parts, threads, [&](size_t part, unsigned) {
    const size_t first = part * kTokensAtOnce;
    const size_t end = std::min(tokens.size(), first + kTokensAtOnce);
    return read_tokens(head, scale, tokens.data() + first, tokens.data() + end,
                       out.data() + first * head.width());
  });
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace wmk::lineage
