// Marks and reads tiny models in tests, by the functions that the program calls.
//
//   write_tiny_model(scratch / "model", "llama", {.width = 64});
//   const MarkableModel model = open_model(scratch / "model");
//   mark(model, test_key("owner"), scratch / "marked", {.shares = 2});
//
// Lifetime: plain values. Errors of the library become exceptions, so that the test fails.
// Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "embed/mark/embedder.h"
#include "embed/read/sketch.h"
#include "tests/support/tiny_model.h"
#include "verify/detect.h"

namespace wmk::test {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}
inline void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message());
}

struct MarkableModel {
  checkpoint::Checkpoint checkpoint;
  checkpoint::Anatomy anatomy;
  checkpoint::Vocabulary vocabulary;
};
MarkableModel open_model(const std::filesystem::path& path);

// A master key that depends only on `name`.
crypto::SecretBytes test_key(std::string_view name);

struct Marking {
  double strength = 0.03;
  unsigned shares = 1;
  std::optional<std::string> licensee = std::nullopt;
  unsigned threads = 1;
  uint64_t block_bytes = checkpoint::kBlockBytes;
  bool replace = false;
  bool allow_skipped = false;
  embed::Sites sites = embed::all_sites();
  bool read_back_output = false;
  checkpoint::CompanionChoices companions = {};
  std::function<void(int step)> before_publish_step = nullptr;
  bool resume = false;
  std::function<void(int stage)> after_stage = nullptr;
};
// Writes the marked copy to `out` and its record to "out.mark".
Result<embed::EmbedResult> try_mark(const MarkableModel& model, const crypto::SecretBytes& master,
                                    const std::filesystem::path& out, const Marking& marking);
embed::EmbedResult mark(const MarkableModel& model, const crypto::SecretBytes& master,
                        const std::filesystem::path& out, const Marking& marking = {});
std::filesystem::path record_of(const std::filesystem::path& out);

// `request` with the master key filled in.
verify::Detection detect(const MarkableModel& model, const crypto::SecretBytes& master,
                         verify::DetectRequest request = {});

// The structures of the first shares, on the token strings of the model.
std::vector<embed::Structure> share_structures(const MarkableModel& model,
                                               const crypto::SecretBytes& master, unsigned shares);
// Sketches of all units.
embed::SketchSet sketch_all(const MarkableModel& model,
                            const std::vector<embed::Structure>& structures, unsigned threads = 1,
                            uint64_t block_bytes = checkpoint::kBlockBytes);
// z of the carrier of one structure in its sketch.
double z_of(const embed::Structure& structure, const embed::SketchSet& sketches, size_t index,
            embed::TagRule rule);

// All tensors of the model in f32, for changing and writing.
std::vector<StoredTensor> tensors_of(const MarkableModel& model);
// Writes a folder of these tensors, with the config and tokenizer of `like`.
MarkableModel write_model(const std::filesystem::path& folder,
                          const std::vector<StoredTensor>& tensors, const MarkableModel& like);

// All elements of a tensor as floats.
std::vector<float> values_of(const checkpoint::Checkpoint& checkpoint, std::string_view tensor);
std::vector<float> values_of(const checkpoint::Checkpoint& checkpoint, size_t tensor);
// Vector `unit` of a view of the model: `width` floats, without the norm weights.
std::vector<float> vector_of(const MarkableModel& model, const checkpoint::View& view,
                             const std::vector<float>& tensor, uint64_t unit);

}  // namespace wmk::test
