#include "tests/support/fitted_frame.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "embed/scheme/keys.h"

namespace wmk::test {

namespace {

using embed::Frame;
using embed::Structure;

Structure structure_on(const crypto::SecretBytes& key, Frame frame) {
  return embed::make_structure({embed::share_key(key, 0), embed::StructureRole::share},
                               std::move(frame), std::nullopt);
}

// Row `row` becomes orthogonal to the rows before it, with length 1.
void orthonormalise(Frame& frame, size_t row) {
  const size_t d = frame.width;
  float* p = &frame.values[row * d];
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t other = 0; other < row; ++other) {
      const float* q = &frame.values[other * d];
      double product = 0;
      for (size_t c = 0; c < d; ++c) product += double{p[c]} * q[c];
      for (size_t c = 0; c < d; ++c) p[c] -= static_cast<float>(product * q[c]);
    }
  }
  double squares = 0;
  for (size_t c = 0; c < d; ++c) squares += double{p[c]} * p[c];
  for (size_t c = 0; c < d; ++c) p[c] /= static_cast<float>(std::sqrt(squares));
}

// Which tags of a kind are read from the first `rows` rows alone.
std::vector<size_t> tags_within(const Structure& structure, embed::VectorKind kind, size_t rows) {
  std::vector<size_t> out;
  for (size_t tag = 0; tag < structure.pairs[kind].size(); ++tag) {
    const auto& pair = structure.pairs[kind][tag];
    if (pair.a < rows && pair.b < rows) out.push_back(tag);
  }
  return out;
}

}  // namespace

Frame fitted_frame(const MarkableModel& model, const crypto::SecretBytes& key) {
  const Structure own = std::move(share_structures(model, key, 1).front());
  Frame out = own.frame;
  const size_t d = out.width, r = own.sizes.r, fixed = r / 2;
  // Where the tags do not change the sketch is linear in the other rows: one probe a direction.
  for (size_t c = 0; c < d; ++c) {
    Frame probe = own.frame;
    for (size_t i = fixed * d; i < r * d; ++i) probe.values[i] = i % d == c ? 1 : 0;
    std::vector<Structure> structures;
    structures.push_back(structure_on(key, std::move(probe)));
    const auto sketches = sketch_all(model, structures);
    std::vector<double> pull(r);
    for (embed::VectorKind kind : embed::kVectorKinds) {
      const auto signs = carrier(own, kind);
      const auto v = sketches.at(0, embed::TagRule::hard).matrix(kind);
      for (const size_t tag : tags_within(own, kind, fixed)) {
        for (size_t row = fixed; row < r; ++row) {
          pull[row] += signs[tag * r + row] * v[tag * r + row];
        }
      }
    }
    for (size_t row = fixed; row < r; ++row)
      out.values[row * d + c] = static_cast<float>(pull[row]);
  }
  for (size_t row = fixed; row < r; ++row) orthonormalise(out, row);
  return out;
}

std::vector<std::string> fitted_labels(const MarkableModel& model, const crypto::SecretBytes& key,
                                       const Frame& frame) {
  const auto share = embed::share_key(key, 0);
  const auto rows = values_of(model.checkpoint, model.anatomy.token_embedding);
  const size_t d = frame.width, count = rows.size() / d;
  std::map<std::pair<size_t, int>, std::vector<std::string>> labels;  // by group and sign
  for (const std::string& label : model.vocabulary.strings) {
    const auto anchor = embed::anchor_of(share, label, frame.rows);
    labels[{anchor.group, anchor.sign}].push_back(label);
  }
  // Every row gets a label of the group and sign that it fits best, best fits first.
  std::vector<std::tuple<double, size_t, std::pair<size_t, int>>> fits;
  for (size_t token = 0; token < count; ++token) {
    for (const auto& [anchor, unused] : labels) {
      double product = 0;
      for (size_t c = 0; c < d; ++c) {
        product += double{rows[token * d + c]} * frame.values[anchor.first * d + c];
      }
      fits.emplace_back(anchor.second * product, token, anchor);
    }
  }
  std::sort(fits.rbegin(), fits.rend());
  std::vector<std::string> out(count);
  for (const auto& [fit, token, anchor] : fits) {
    if (!out[token].empty() || labels[anchor].empty()) continue;
    out[token] = labels[anchor].back();
    labels[anchor].pop_back();
  }
  return out;
}

}  // namespace wmk::test
