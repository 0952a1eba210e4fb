#include "embed/resume/run_identity.h"

#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "crypto/blake2b.h"
#include "crypto/field_digest.h"
#include "crypto/key_file.h"
#include "embed/scheme/release_digest.h"
#include "stats/bf16/kernel.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

using crypto::FieldDigest;

void add_view(const checkpoint::View& view, FieldDigest& out) {
  for (const uint64_t each : {uint64_t{view.tensor}, view.first, view.unit_stride,
                              view.coordinate_stride, view.run, view.run_stride}) {
    out.add_number(each);
  }
}

// How the tensors are read: naming rules and the configuration decide that.
void add_anatomy(const checkpoint::Anatomy& anatomy, FieldDigest& out) {
  out.add(as_bytes(anatomy.family));
  out.add_number(anatomy.token_embedding);
  out.add_number(static_cast<uint64_t>(anatomy.ones));
  for (const checkpoint::UnitGroup& group : anatomy.groups) {
    if (group.gate) add_view(*group.gate, out);
    add_view(group.up, out);
    add_view(group.down, out);
  }
  for (const checkpoint::HeadLayer& layer : anatomy.heads.layers) {
    add_view(layer.v, out);
    add_view(layer.o, out);
    for (const uint64_t each : {layer.heads, layer.kv_heads, layer.value_size}) {
      out.add_number(each);
    }
  }
  for (const auto* weights : {&anatomy.norm_weights, &anatomy.heads.norm_weights}) {
    for (const std::vector<float>& each : *weights) out.add(std::as_bytes(std::span(each)));
  }
}

// Hashing all weights would take as long as marking them: a change shows in the time of the file,
// in its header, or in the first bytes of a tensor.
Result<std::string> source_digest(const checkpoint::Checkpoint& source,
                                  const checkpoint::Anatomy& anatomy,
                                  const std::vector<std::string>& labels) {
  FieldDigest parts;
  auto release = release_digest(source);
  if (!release) return std::move(release).error();
  parts.add(as_bytes(*release));
  for (const ReadFile& file : source.files()) {
    struct stat info;
    if (::stat(file.path().c_str(), &info) != 0) {
      return errno_error(file.path(), "cannot open", errno);
    }
    parts.add(as_bytes(file.path().filename().string()));
    parts.add_number(static_cast<uint64_t>(info.st_mtim.tv_sec));
    parts.add_number(static_cast<uint64_t>(info.st_mtim.tv_nsec));
  }
  add_anatomy(anatomy, parts);
  for (const std::string& label : labels) parts.add(as_bytes(label));
  return to_hex(parts.finish());
}

// Products of floats are summed in the order of the kernel that OpenBLAS has chosen.
std::string arithmetic_here() { return cat(stats::order_of_sums(), ", ", stats::gemm_library()); }

}  // namespace

Result<RunIdentity> identity_of(const checkpoint::Checkpoint& source,
                                const checkpoint::Anatomy& anatomy,
                                const std::vector<std::string>& labels,
                                const crypto::SecretBytes& master, const std::string& request) {
  auto digest = source_digest(source, anatomy, labels);
  if (!digest) return std::move(digest).error();
  RunIdentity out;
  out.program = WMK_VERSION;
  out.arithmetic = arithmetic_here();
  out.key = crypto::fingerprint(master);
  out.source = *std::move(digest);
  out.request =
      to_hex(crypto::derive(master, cat("weightmark/embed-journal/v1/request:", request)).reveal());
  return out;
}

std::string difference(const RunIdentity& begun, const RunIdentity& now) {
  if (begun.key != now.key) return cat("it was begun with another key, ", escaped(begun.key));
  if (begun.program != now.program) {
    return cat("it was begun by version ", escaped(begun.program), " of this program");
  }
  if (begun.arithmetic != now.arithmetic)
    return "it was begun on a processor that rounds otherwise";
  if (begun.source != now.source)
    return "the model, its configuration or its tokenizer has changed";
  if (begun.request != now.request) return "it was begun with other options";
  return {};
}

}  // namespace wmk::embed
