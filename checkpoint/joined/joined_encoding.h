// The values of a tensor in pieces.
//
// Purpose: rows are divided into bands; all pieces of a band have its rows and lie side by side.
// Lifetime: values. Thread-safety: immutable.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/joined/pieces.h"
#include "checkpoint/numbers/encoding.h"

namespace wmk::checkpoint {

// Rows from `first_row` to the next band; `pieces` from `first` to that of the next band.
struct PieceBand {
  uint64_t first_row = 0;
  size_t first = 0;
};

class JoinedEncoding final : public Encoding {
 public:
  // `order` holds indices of pieces, by band and then by column, and the last of `bands` is the
  // end.
  JoinedEncoding(Whole&& whole, std::vector<PieceBand> bands, std::vector<uint32_t> order);

  std::string_view name() const override { return name_; }
  uint64_t stored_bytes() const override { return stored_bytes_; }
  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override;

 private:
  Status decode_band(std::span<const ReadFile> files, size_t band, const Rectangle& part,
                     std::span<float> out) const;

  std::vector<Tensor> sources_;
  std::vector<Piece> pieces_;
  std::vector<PieceBand> bands_;
  std::vector<uint32_t> order_;
  uint64_t stored_bytes_ = 0;
  std::string name_;
};

}  // namespace wmk::checkpoint
