#include "embed/output/row_match.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/output/compared_rows.h"
#include "embed/output/nearest_row.h"
#include "embed/output/outlier_columns.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

using stats::Op;

constexpr uint64_t kSampleRows = 256;
constexpr double kSampleMin = 1.0 / 32;
constexpr size_t kStripElementsOfMatch = 8u << 20;  // of the suspect: 32 MiB of floats
constexpr uint64_t kTileRows = 256, kLabelledRows = 2048;

// The largest change of a number by rounding to a neighbour, as a part of it.
std::optional<double> rounding_of(checkpoint::DType type) {
  switch (type) {
    case checkpoint::DType::bf16:
      return 0x1p-7;
    case checkpoint::DType::f16:
      return 0x1p-10;
    case checkpoint::DType::f32:
      return 0x1p-23;
    default:
      return std::nullopt;
  }
}

// Rows of the suspect that are compared at a time.
struct Strip {
  uint64_t first = 0, count = 0, step = 1;  // rows first, first + step, ...
  std::vector<float> values = {}, squares = {};
  std::vector<NearestRow> seen = {};
};

struct LabelledStrip {
  uint64_t first = 0, count = 0;
  std::vector<float> values, squares, reach;
};

class Matcher {
 public:
  Matcher(const ComparedRows& suspect, const ComparedRows& labelled, unsigned threads)
      : suspect_(suspect), labelled_(labelled), threads_(threads), buffers_(threads) {}

  Result<RowMatch> run(Progress* progress) {
    RowMatch out;
    out.row.assign(suspect_.count(), RowMatch::kNone);
    const uint64_t rows = suspect_.count(), sample = std::min(rows, kSampleRows);
    auto tried = compare({0, sample, std::max<uint64_t>(1, rows / std::max<uint64_t>(1, sample))});
    if (!tried) return std::move(tried).error();
    RowMatch first = out;
    take(*tried, first);
    if (static_cast<double>(first.matched) < kSampleMin * static_cast<double>(sample)) return out;
    const uint64_t fitting =
        std::max<uint64_t>(kTileRows, kStripElementsOfMatch / suspect_.width());
    for (uint64_t at = 0; at < rows; at += fitting) {
      auto strip = compare({at, std::min(fitting, rows - at), 1});
      if (progress) progress->advance(std::min(fitting, rows - at));
      if (!strip) return std::move(strip).error();
      take(*strip, out);
    }
    if (out.matched > 0) out.distance /= static_cast<double>(out.matched);
    return out;
  }

 private:
  Result<Strip> compare(Strip strip) {
    Status status = read_strip(strip);
    for (uint64_t at = 0; at < labelled_.count() && status; at += kLabelledRows) {
      status = read_labelled(at);
      if (!status) break;
      const size_t tiles = (strip.count + kTileRows - 1) / kTileRows;
      (void)parallel_for(tiles, threads_, [&](size_t tile, unsigned) -> Status {
        compare_tile(tile * kTileRows, strip);
        return {};
      });
    }
    if (!status) return std::move(status).error();
    return strip;
  }

  Status read_strip(Strip& strip) {
    const size_t width = suspect_.width();
    strip.values.resize(strip.count * width);
    strip.squares.resize(strip.count);
    strip.seen.resize(strip.count);
    const uint64_t together = strip.step == 1 ? kTileRows : 1;
    std::vector<float> reach(strip.count);  // of the suspect's rows: none
    const size_t chunks = (strip.count + together - 1) / together;
    return parallel_for(chunks, threads_, [&](size_t chunk, unsigned w) {
      const uint64_t at = chunk * together, count = std::min(together, strip.count - at);
      return suspect_.read(strip.first + at * strip.step, count, buffers_[w],
                           &strip.values[at * width], &strip.squares[at], &reach[at]);
    });
  }

  Status read_labelled(uint64_t first) {
    now_.first = first;
    now_.count = std::min<uint64_t>(kLabelledRows, labelled_.count() - first);
    now_.values.resize(now_.count * labelled_.width());
    now_.squares.resize(now_.count);
    now_.reach.resize(now_.count);
    const size_t chunks = (now_.count + kTileRows - 1) / kTileRows;
    return parallel_for(chunks, threads_, [&](size_t chunk, unsigned w) {
      const uint64_t at = chunk * kTileRows, count = std::min<uint64_t>(kTileRows, now_.count - at);
      return labelled_.read(first + at, count, buffers_[w], &now_.values[at * labelled_.width()],
                            &now_.squares[at], &now_.reach[at]);
    });
  }

  void compare_tile(size_t first, Strip& strip) const {
    const size_t width = suspect_.width(),
                 count = std::min<uint64_t>(kTileRows, strip.count - first);
    std::vector<float> products(count * now_.count);
    stats::gemm(Op::plain, Op::transposed, count, now_.count, width, &strip.values[first * width],
                width, now_.values.data(), width, 0.0f, products.data(), now_.count);
    const float reach = *std::max_element(now_.reach.begin(), now_.reach.end());
    for (size_t i = 0; i < count; ++i) {
      NearestRow& seen = strip.seen[first + i];
      const float square = strip.squares[first + i];
      const float* row = &products[i * now_.count];
      for (size_t j = 0; j < now_.count; ++j) {
        // A row of length 0 was left out.
        const float distance = square + now_.squares[j] - 2 * row[j];
        const float limit = seen.limit(reach);
        if (distance > limit * limit || !(now_.squares[j] > 0)) continue;
        seen.add(std::sqrt(std::max(0.0f, distance)), now_.reach[j],
                 static_cast<uint32_t>(now_.first + j));
      }
    }
  }

  void take(const Strip& strip, RowMatch& out) const {
    for (size_t i = 0; i < strip.count; ++i) {
      const NearestRow& seen = strip.seen[i];
      const float length = std::sqrt(strip.squares[i]);
      const double choices = seen.ln_choices(length, labelled_.count());
      out.open += choices > 0 ? 1 : 0;
      out.ln_choices += choices;
      const uint32_t row = seen.match(length);
      if (row == NearestRow::kNone) continue;
      out.row[strip.first + i * strip.step] = row;
      out.distance += static_cast<double>(seen.distance() / length);
      ++out.matched;
    }
  }

  const ComparedRows &suspect_, &labelled_;
  unsigned threads_;
  std::vector<ComparedRows::Buffers> buffers_;
  LabelledStrip now_;
};

}  // namespace

Result<RowMatch> match_rows(const checkpoint::Checkpoint& suspect, const OutputHead& head,
                            const LabelledHead& labelled, const std::vector<float>* turn,
                            unsigned threads, Progress* progress) {
  const HeadRows rows(suspect, head), known(labelled.checkpoint, labelled.head);
  if (turn == nullptr && rows.width() != known.width()) {
    return Error(ErrorCode::unsupported,
                 cat("the output heads have widths ", rows.width(), " and ", known.width()));
  }
  const auto rounding = rounding_of(known.tensor().dtype);
  if (labelled.is_marked && (known.tensor().encoding || !rounding)) {
    return Error(ErrorCode::unsupported,
                 "the output head of the release is not stored in BF16, F16 or F32");
  }
  Result<OutlierColumns> columns = OutlierColumns{std::vector<uint8_t>(known.width())};
  if (labelled.is_marked) columns = outlier_columns(known, threads, OutlierPart::possible);
  if (!columns) return std::move(columns).error();
  const auto basis = basis_of(without(columns->flags, labelled.directions), known.width());
  const ComparedRows::View view{nullptr, known.width(), &basis, labelled.is_marked ? *rounding : 0};
  ComparedRows::View turned = view;
  turned.turn = turn;
  turned.rounding = 0;
  threads = std::max(1u, threads);
  auto from = ComparedRows::open(rows, turned, threads);
  if (!from) return std::move(from).error();
  auto to = ComparedRows::open(known, view, threads);
  if (!to) return std::move(to).error();
  auto out = Matcher(*from, *to, threads).run(progress);
  if (out) out->open += columns->open;
  if (out) out->ln_choices += static_cast<double>(columns->open) * std::log(2.0);
  return out;
}

}  // namespace wmk::embed
