#include "checkpoint/transforms/rotated_numbers.h"

#include <algorithm>
#include <utility>

#include "base/transpose.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kKeptBytes = 512ull << 20;
constexpr size_t kColumnsEach = 64;  // of a step, so that it stays in a cache

// `rows` x `columns` values: the columns, `matrix.size()` rows at a time.
void turn_columns(std::span<float> values, size_t rows, size_t columns, const Turn& turn) {
  const size_t size = turn.matrix->size();
  std::vector<float> part;
  for (size_t first_row = 0; first_row < rows; first_row += size) {
    for (size_t first = 0; first < columns; first += kColumnsEach) {
      const size_t count = std::min(kColumnsEach, columns - first);
      part.resize(size * count);
      for (size_t r = 0; r < size; ++r) {
        std::copy_n(&values[(first_row + r) * columns + first], count, &part[r * count]);
      }
      turn.matrix->multiply(part, count, turn.transposed);
      for (size_t r = 0; r < size; ++r) {
        std::copy_n(&part[r * count], count, &values[(first_row + r) * columns + first]);
      }
    }
  }
}

void turn_rows(std::span<float> values, size_t rows, size_t columns, const Turn& turn) {
  std::vector<float> part(kColumnsEach * columns);
  for (size_t first = 0; first < rows; first += kColumnsEach) {
    const size_t count = std::min(kColumnsEach, rows - first);
    const std::span<float> lines = values.subspan(first * columns, count * columns);
    const std::span<float> turned(part.data(), count * columns);
    transpose(lines, count, columns, turned);
    turn_columns(turned, columns, count, turn);
    transpose(turned, columns, count, lines);
  }
}

class Rotated : public NumberMatrix {
 public:
  Rotated(Numbers numbers, Turns turns, std::shared_ptr<WholeMatrices> kept)
      : NumberMatrix(numbers->rows(), numbers->columns()),
        numbers_(std::move(numbers)),
        turns_(std::move(turns)),
        kept_(std::move(kept)) {}

  Status read(std::span<const ReadFile> files, const Rectangle& part,
              std::span<float> out) const override {
    const auto entry = kept_->find(this, rows() * columns() * sizeof(float));
    std::call_once(entry->once, [&] { entry->status = compute(files, entry->values); });
    if (!entry->status) return Error(entry->status.error());
    for (uint64_t row = 0; row < part.rows; ++row) {
      std::copy_n(&entry->values[(part.first_row + row) * columns() + part.first_column],
                  part.columns, &out[row * part.columns]);
    }
    return {};
  }

 private:
  Status compute(std::span<const ReadFile> files, std::vector<float>& values) const {
    values.resize(rows() * columns());
    Status status = numbers_->read(files, {0, rows(), 0, columns()}, values);
    for (const auto* side : {&turns_.left, &turns_.right}) {
      for (const Turn& turn : *side) {
        if (status) status = turn.matrix->load(files);
        if (!status) return status;
        if (side == &turns_.left) {
          turn_columns(values, rows(), columns(), turn);
        } else {
          turn_rows(values, rows(), columns(), turn);
        }
      }
    }
    return status;
  }

  Numbers numbers_;
  Turns turns_;
  std::shared_ptr<WholeMatrices> kept_;
};

}  // namespace

std::shared_ptr<WholeMatrices::Entry> WholeMatrices::find(const void* key, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry->key == key; });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    return entries_.front();
  }
  auto entry = std::make_shared<Entry>();
  entry->key = key;
  entry->bytes = bytes;
  entries_.push_front(entry);
  uint64_t total = 0;
  for (auto at = entries_.begin(); at != entries_.end();) {
    total += (*at)->bytes;
    const bool keep = at == entries_.begin() || total <= kKeptBytes;
    at = keep ? std::next(at) : entries_.erase(at);
  }
  return entry;
}

Numbers rotated(Numbers numbers, Turns turns, std::shared_ptr<WholeMatrices> kept) {
  return std::make_shared<Rotated>(std::move(numbers), std::move(turns), std::move(kept));
}

}  // namespace wmk::checkpoint
