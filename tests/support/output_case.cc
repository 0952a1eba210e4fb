#include "tests/support/output_case.h"

#include <cmath>
#include <cstring>
#include <random>
#include <stdexcept>

#include "base/text.h"
#include "checkpoint/numbers/narrow.h"
#include "embed/scheme/keys.h"
#include "stats/gemm.h"
#include "tests/support/marking.h"

namespace wmk::test {

namespace {

// A folder that is removed at the end.
class OwnFolder {
 public:
  OwnFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "wmk-head-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  OwnFolder(const OwnFolder&) = delete;
  ~OwnFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

}  // namespace

HeadFile head_file(const std::filesystem::path& path, const std::vector<float>& values,
                   uint64_t rows, checkpoint::DType dtype) {
  write_safetensors(path, {stored("lm_head.weight", dtype, {rows, values.size() / rows}, values)});
  embed::OutputHead head;
  head.rows = rows;
  return {must(checkpoint::Checkpoint::open(path)), head};
}

std::vector<float> normal_numbers(uint64_t seed, size_t count) {
  std::mt19937_64 engine(seed);
  std::vector<float> out(count);
  for (float& each : out) {
    // A sum of twelve: the same on every machine, unlike std::normal_distribution.
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(engine() >> 11) * 0x1p-53;
    each = static_cast<float>(sum);
  }
  return out;
}

std::vector<float> product_of(const std::vector<float>& a, const std::vector<float>& b, size_t rows,
                              size_t inner, size_t columns) {
  std::vector<float> out(rows * columns);
  stats::gemm(stats::Op::plain, stats::Op::plain, rows, columns, inner, a.data(), inner, b.data(),
              columns, 0.0f, out.data(), columns);
  return out;
}

std::vector<float> transposed(const std::vector<float>& a, size_t rows, size_t columns) {
  std::vector<float> out(a.size());
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) out[j * rows + i] = a[i * columns + j];
  }
  return out;
}

std::vector<float> marked_head(const std::vector<crypto::SecretBytes>& keys,
                               const std::vector<std::string>& labels,
                               const std::vector<float>& values, size_t pairs, double energy) {
  const OwnFolder folder;
  const uint64_t rows = labels.size();
  const HeadFile file = head_file(folder.path / "head.safetensors", values, rows);
  std::vector<embed::OutputMark> marks;
  for (const auto& key : keys) {
    marks.push_back({embed::output_signs(key, labels, 1),
                     embed::output_directions(key, pairs, values.size() / rows)});
  }
  auto copy = must(
      checkpoint::CheckpointCopy::begin(file.checkpoint, folder.path / "out.safetensors", false));
  (void)must(embed::write_output(
      file.checkpoint, marks,
      {.head = file.head, .pairs = pairs, .energy = energy, .rounding_key = keys[0]}, copy));
  return values_of(must(copy.open_written()), 0);
}

embed::OutputCarriers carriers_of(const std::vector<crypto::SecretBytes>& keys,
                                  const std::vector<std::string>& labels, size_t pairs) {
  embed::OutputCarriers out;
  for (const auto& key : keys) out.shares.push_back(embed::output_signs(key, labels, 1));
  out.groups = embed::label_groups(labels);
  out.pairs = pairs;
  return out;
}

double head_z(const std::vector<float>& values, const embed::OutputCarriers& carriers,
              unsigned threads) {
  const OwnFolder folder;
  const HeadFile file =
      head_file(folder.path / "head.safetensors", values, carriers.groups.place.size());
  return must(embed::read_output_weights(file.checkpoint, file.head, carriers, threads, nullptr))
      .total(carriers.pairs)
      .z();
}

std::string npy_bytes(std::string_view header, std::string_view data, int version) {
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  const auto size = static_cast<uint32_t>(header.size());
  out.append(reinterpret_cast<const char*>(&size), version == 1 ? 2 : 4);
  return cat(out, header, data);
}

std::string npy_of(const std::vector<float>& values, size_t rows, bool half) {
  const std::string header =
      cat("{'descr': '<f", half ? 2 : 4, "', 'fortran_order': False, 'shape': (", rows, ", ",
          values.size() / rows, "), }\n");
  const StoredTensor raw =
      stored("x", half ? checkpoint::DType::f16 : checkpoint::DType::f32, {values.size()}, values);
  return npy_bytes(header, as_text(raw.data));
}

embed::LogitsReading read_logits(const std::filesystem::path& file,
                                 const embed::OutputCarriers& carriers,
                                 const embed::LogitsOptions& options) {
  return must(embed::read_output_logits(must(embed::Logits::open({file})), carriers, options));
}

}  // namespace wmk::test
