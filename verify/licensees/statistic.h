// How an id is scored: in the FFN, in the output head or in both (specs/licensees.md 2.3).
//
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>

namespace wmk::verify {

// One way to score an id: by sums of one site, or of both. Its score is a sum of independent signs
// with fixed coefficients of unit norm.
struct Statistic {
  std::optional<size_t> ffn = {}, output = {};  // which of the sums
  double ffn_part = 1, output_part = 0;  // of each z in that of both; the squares add up to 1
  double price = 1;                      // of each id in the first round
  bool shows_nobody = true;              // whether it can be the answer where it names nobody

  double z(double of_ffn, double of_output) const;
};
// Of FFN and output head together, with the weights of what the mean of three copies would show in
// each, where an untouched copy shows the expected z: the z of one licensee falls with the number
// of copies in the FFN, and with its square in the output head.
Statistic both_sites(size_t ffn, size_t output, double expected_ffn, double expected_output,
                     double price);

// The same where z falls alike in both.
Statistic both_sites_alike(size_t ffn, size_t output, double expected_ffn, double expected_output,
                           double price);

}  // namespace wmk::verify
