#include "neurons/rows/token_cloud.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/vectors.h"

namespace wmk::neurons {

namespace {

constexpr uint64_t kTokensAtOnce = 256;

}  // namespace

Status TokenCloud::read_tokens(uint64_t first, uint64_t count, Rows& out) const {
  const checkpoint::Anatomy& anatomy = *model_.anatomy;
  return read_matrix_rows(*model_.checkpoint, anatomy.token_embedding, anatomy.width, first, count,
                          out);
}

Status TokenCloud::read_chosen(std::span<const uint32_t> tokens, Rows& out) const {
  const size_t width = model_.anatomy->width;
  out = {tokens.size(), width, std::vector<float>(tokens.size() * width)};
  for (size_t i = 0; i < tokens.size(); ++i) {
    Rows row;
    Status status = read_tokens(tokens[i], 1, row);
    if (!status) return status;
    std::copy_n(row.row(0), width, out.row(i));
  }
  to_basis(out);
  normalise(out);
  return {};
}

Status TokenCloud::choose(unsigned threads) {
  const uint64_t tokens = model_.anatomy->vocabulary;
  std::vector<double> squares(tokens);
  const size_t parts = (tokens + kTokensAtOnce - 1) / kTokensAtOnce;
  Status status = parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const uint64_t first = part * kTokensAtOnce, count = std::min(kTokensAtOnce, tokens - first);
    Rows rows;
    Status read = read_tokens(first, count, rows);
    if (read) to_basis(rows);
    for (size_t i = 0; i < rows.count && read; ++i) {
      const double each = stats::sum_of_squares(rows.row(i), rows.width);
      squares[first + i] = std::isfinite(each) ? each : 0;
    }
    return read;
  });
  if (!status) return status;
  std::vector<uint32_t> order(tokens);
  for (uint32_t i = 0; i < tokens; ++i) order[i] = i;
  std::erase_if(order, [&](uint32_t i) { return !(squares[i] > 0); });
  if (order.size() > count_) {
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(count_);
    std::nth_element(order.begin(), end, order.end(), [&](uint32_t a, uint32_t b) {
      return squares[a] != squares[b] ? squares[a] > squares[b] : a < b;
    });
    order.erase(end, order.end());
    std::sort(order.begin(), order.end());
  }
  chosen_ = std::move(order);
  return {};
}

Result<Rows> TokenCloud::read(size_t, uint64_t, unsigned threads, const Keep& keep) {
  if (chosen_.empty()) {
    Status status = choose(threads);
    if (!status) return std::move(status).error();
  }
  std::vector<uint32_t> wanted;
  for (size_t i = 0; i < chosen_.size(); ++i) {
    if (!keep || keep(i)) wanted.push_back(chosen_[i]);
  }
  Rows out{wanted.size(), width(), std::vector<float>(wanted.size() * width())};
  const size_t parts = (wanted.size() + kTokensAtOnce - 1) / kTokensAtOnce;
  Status status = parallel_for(parts, threads, [&](size_t part, unsigned) -> Status {
    const size_t first = part * kTokensAtOnce;
    const size_t count = std::min<size_t>(kTokensAtOnce, wanted.size() - first);
    Rows rows;
    Status read = read_chosen(std::span(wanted).subspan(first, count), rows);
    if (read) std::copy(rows.values.begin(), rows.values.end(), out.row(first));
    return read;
  });
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace wmk::neurons
