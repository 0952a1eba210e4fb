#include "embed/scheme/release_digest.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/blake2b.h"

namespace wmk::embed {

namespace {

constexpr size_t kHashBytes = 32;
constexpr uint64_t kHeaderMax = 8 + 100'000'000;  // of a safetensors file

std::string hash_of(ByteView bytes) {
  std::string digest(kHashBytes, '\0');
  crypto::blake2b({}, bytes, std::as_writable_bytes(std::span(digest)));
  return digest;
}

Status append(const ReadFile& file, uint64_t offset, uint64_t count, Bytes& out) {
  const size_t end = out.size();
  out.resize(end + count);
  return file.read_at(offset, std::span(out).subspan(end));
}

}  // namespace

Result<std::string> release_digest(const checkpoint::Checkpoint& release) {
  const auto& tensors = release.stored_tensors();
  std::string digests;
  auto tensor = tensors.begin();
  for (size_t f = 0; f < release.files().size(); ++f) {
    const ReadFile& file = release.files()[f];
    Bytes sample(sizeof(uint64_t));
    store_le<uint64_t>(sample.data(), file.size());
    // Data begin behind the header. A file without tensors is a header only.
    const bool has_tensors = tensor != tensors.end() && tensor->file == f;
    const uint64_t header = has_tensors ? tensor->offset : file.size();
    if (header > kHeaderMax) {
      return Error(ErrorCode::limit_exceeded, cat(file.name(), ": its header is too long"));
    }
    Status status = append(file, 0, header, sample);
    for (; status && tensor != tensors.end() && tensor->file == f; ++tensor) {
      status = append(file, tensor->offset, std::min(tensor->bytes, kDigestSampleBytes), sample);
    }
    if (!status) return std::move(status).error();
    digests += hash_of(sample);
  }
  return hash_of(as_bytes(digests));
}

}  // namespace wmk::embed
