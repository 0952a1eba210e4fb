// Copies of a tiny llama model that compute the same under other coordinates and numbers.
//
// Lifetime: values. Thread-safety: one caller.
#pragma once

#include "tests/support/marking.h"

namespace wmk::test {

struct Disguise {
  uint64_t seed = 1;
  bool rotate = true;
  bool permute = true;  // neurons, with random signs of up and down
  bool reverse_layers = false;
  bool new_embedding = false;  // random rows
  size_t further = 0;          // coordinates that nothing writes to; readers hold junk in them
  float junk = 1;              // half of its range
  float constant = 0;          // one more coordinate, not rotated: the same in all token rows
  size_t clones = 1;           // of each neuron; what they compute beside it cancels
  float dummies = 0;           // part of the neurons: random, of next to no strength
  float noise = 0;             // in every FFN weight, as a part of its row's root mean square
  checkpoint::DType dtype = checkpoint::DType::f32;
};

// The FFN and the embedding of `model`, disguised. Attention is left out.
MarkableModel disguise(const MarkableModel& model, const std::filesystem::path& folder,
                       const Disguise& how);

// O of the rotation and the further coordinates: x of the copy = O x, (width + further) x width;
// not for a `constant`.
std::vector<float> disguise_map(size_t width, const Disguise& how);

}  // namespace wmk::test
