#include "tests/support/marking.h"

#include "base/text.h"
#include "checkpoint/numbers/widen.h"
#include "crypto/blake2b.h"
#include "embed/read/scan.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"

namespace wmk::test {

MarkableModel open_model(const std::filesystem::path& path) {
  auto checkpoint = must(checkpoint::Checkpoint::open(path));
  const auto config = must(checkpoint::read_config(checkpoint));
  auto anatomy = must(checkpoint::make_anatomy(checkpoint, config));
  auto vocabulary = must(checkpoint::read_vocabulary(checkpoint, anatomy.vocabulary));
  return {std::move(checkpoint), std::move(anatomy), std::move(vocabulary)};
}

crypto::SecretBytes test_key(std::string_view name) {
  return crypto::derive(crypto::SecretBytes::zeros(32), name);
}

std::filesystem::path record_of(const std::filesystem::path& out) { return out.string() + ".mark"; }

Result<embed::EmbedResult> try_mark(const MarkableModel& model, const crypto::SecretBytes& master,
                                    const std::filesystem::path& out, const Marking& marking) {
  embed::EmbedRequest request;
  request.master = &master;
  request.strength = marking.strength;
  request.shares = marking.shares;
  request.licensee = marking.licensee;
  request.sites = marking.sites;
  request.read_back_output = marking.read_back_output;
  request.out = out;
  request.record = record_of(out);
  request.threads = marking.threads;
  request.block_bytes = marking.block_bytes;
  request.replace = marking.replace;
  request.allow_skipped = marking.allow_skipped;
  request.companions = marking.companions;
  request.before_publish_step = marking.before_publish_step;
  request.resume = marking.resume;
  request.after_stage = marking.after_stage;
  auto plan = embed::plan_embedding(model.anatomy, request);
  if (!plan) return std::move(plan).error();
  return embed::embed(model.checkpoint, model.anatomy, model.vocabulary, *plan, request);
}

embed::EmbedResult mark(const MarkableModel& model, const crypto::SecretBytes& master,
                        const std::filesystem::path& out, const Marking& marking) {
  return must(try_mark(model, master, out, marking));
}

verify::Detection detect(const MarkableModel& model, const crypto::SecretBytes& master,
                         verify::DetectRequest request) {
  request.master = &master;
  return must(verify::detect(model.checkpoint, model.anatomy, model.vocabulary, request));
}

std::vector<embed::Structure> share_structures(const MarkableModel& model,
                                               const crypto::SecretBytes& master, unsigned shares) {
  std::vector<embed::StructureKey> keys;
  for (unsigned i = 0; i < shares; ++i) {
    keys.push_back({embed::share_key(master, i), embed::StructureRole::share});
  }
  return must(embed::make_structures(model.checkpoint, model.anatomy, model.vocabulary.strings,
                                     std::move(keys), 1, nullptr));
}

embed::SketchSet sketch_all(const MarkableModel& model,
                            const std::vector<embed::Structure>& structures, unsigned threads,
                            uint64_t block_bytes) {
  embed::Scan scan(model.checkpoint, model.anatomy, structures,
                   embed::scan_order(model.checkpoint, model.anatomy, block_bytes), false);
  while (!scan.done()) must(scan.advance(threads, nullptr));
  return scan.sketches();
}

double z_of(const embed::Structure& structure, const embed::SketchSet& sketches, size_t index,
            embed::TagRule rule) {
  return correlate(structure, guarded(structure, sketches.at(index, rule))).z();
}

std::vector<StoredTensor> tensors_of(const MarkableModel& model) {
  std::vector<StoredTensor> out;
  for (size_t i = 0; i < model.checkpoint.tensors().size(); ++i) {
    const checkpoint::Tensor& tensor = model.checkpoint.tensors()[i];
    out.push_back(
        stored(tensor.name, checkpoint::DType::f32, tensor.shape, values_of(model.checkpoint, i)));
  }
  return out;
}

MarkableModel write_model(const std::filesystem::path& folder,
                          const std::vector<StoredTensor>& tensors, const MarkableModel& like) {
  std::filesystem::create_directory(folder);
  write_safetensors(folder / "model.safetensors", tensors);
  for (const char* name : {"config.json", "tokenizer.json"}) {
    std::filesystem::copy_file(like.checkpoint.folder() / name, folder / name);
  }
  return open_model(folder);
}

std::vector<float> values_of(const checkpoint::Checkpoint& checkpoint, size_t index) {
  const checkpoint::Tensor& tensor = checkpoint.tensors().at(index);
  Bytes bytes(tensor.bytes);
  must(checkpoint.read(tensor, 0, bytes));
  std::vector<float> out(tensor.elements());
  checkpoint::widen(tensor.dtype, bytes, out);
  return out;
}

std::vector<float> values_of(const checkpoint::Checkpoint& checkpoint, std::string_view name) {
  for (size_t i = 0; i < checkpoint.tensors().size(); ++i) {
    if (checkpoint.tensors()[i].name == name) return values_of(checkpoint, i);
  }
  throw std::runtime_error(cat("no tensor '", name, "'"));
}

std::vector<float> vector_of(const MarkableModel& model, const checkpoint::View& view,
                             const std::vector<float>& tensor, uint64_t unit) {
  std::vector<float> out;
  for (uint64_t c = 0; c < model.anatomy.width; ++c) {
    out.push_back(tensor.at(view.first + unit * view.unit_stride + c * view.coordinate_stride));
  }
  return out;
}

}  // namespace wmk::test
