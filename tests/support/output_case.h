// Output heads and logits for tests of embed/output.
//
// Lifetime: values. Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "embed/output/output_from_logits.h"
#include "embed/output/output_from_weights.h"
#include "embed/output/output_marker.h"
#include "tests/support/tiny_model.h"

namespace wmk::test {

// A file with the tensor "lm_head.weight", and the head that it is.
struct HeadFile {
  checkpoint::Checkpoint checkpoint;
  embed::OutputHead head;
};
HeadFile head_file(const std::filesystem::path& path, const std::vector<float>& values,
                   uint64_t rows, checkpoint::DType dtype = checkpoint::DType::f32);

// Normal deviates that depend on the seed alone.
std::vector<float> normal_numbers(uint64_t seed, size_t count);
// A (rows x inner) B (inner x columns).
std::vector<float> product_of(const std::vector<float>& a, const std::vector<float>& b, size_t rows,
                              size_t inner, size_t columns);
std::vector<float> transposed(const std::vector<float>& a, size_t rows, size_t columns);

// `values` with the mark of one share per key, written as f32 and read back as floats.
std::vector<float> marked_head(const std::vector<crypto::SecretBytes>& keys,
                               const std::vector<std::string>& labels,
                               const std::vector<float>& values, size_t pairs, double energy);

// The carriers of these share keys.
embed::OutputCarriers carriers_of(const std::vector<crypto::SecretBytes>& keys,
                                  const std::vector<std::string>& labels, size_t pairs);
// z of all shares in a head.
double head_z(const std::vector<float>& values, const embed::OutputCarriers& carriers,
              unsigned threads = 1);

// Bytes of an .npy file of version 1 with this header.
std::string npy_bytes(std::string_view header, std::string_view data, int version = 1);
// A matrix of floats as .npy.
std::string npy_of(const std::vector<float>& values, size_t rows, bool half = false);
// z of all shares in logits.
embed::LogitsReading read_logits(const std::filesystem::path& file,
                                 const embed::OutputCarriers& carriers,
                                 const embed::LogitsOptions& options = {});

}  // namespace wmk::test
