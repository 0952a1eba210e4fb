// Which files count as weights, by name and by content.
#include "checkpoint/files/weights_file.h"

#include <catch2/catch.hpp>

#include "tests/unit/checkpoint/torch/zip_builder.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using namespace std::string_literals;

std::optional<WeightsFormat> content(const std::string& head) {
  return weights_format_of_content(as_bytes(head));
}

}  // namespace

TEST_CASE("weights files are recognised by name") {
  using enum WeightsFormat;
  const std::pair<std::string_view, WeightsFormat> cases[] = {
      {"model.safetensors", safetensors},
      {"Model.SafeTensors", safetensors},
      {"sub/model-00001-of-00002.safetensors", safetensors},
      {"model.safetensors.bak", safetensors},
      {"model.pt.gz.1", torch},
      {"model.bin~", torch},
      {"rng.PKL", pickle},
      {"w.joblib", pickle},
      {"w.npz", numpy},
      {"model.keras", hdf5},
      {"checkpoint_1000", flax},
      {"params/manifest.ocdbt", orbax},
      {"params/ocdbt.process_0/d/0a1b", orbax},
      {"model.ckpt-1000.data-00000-of-00001", tensorflow},
      {"model.onnx_data", onnx},
      {"model.tar.gz", tar},
      {"weights.7z", seven_zip},
      {"a1b2c3.incomplete", partial_download},
      {"model.gguf.part", partial_download},
  };
  for (const auto& [name, format] : cases) {
    CAPTURE(std::string(name));
    CHECK(weights_format_of_name(name) == format);
  }
}

TEST_CASE("other files of a model are not weights by name") {
  for (const std::string_view name :
       {"model.safetensors.index.json", "pytorch_model.bin.index.json", "config.json", "LICENSE",
        "tokenizer.model", "vocab.txt.gz", "checkpoint", "checkpoint_", "README.md.bak", "v1.0",
        "safetensors", "model.safetensors.md", ""}) {
    CAPTURE(std::string(name));
    CHECK(!weights_format_of_name(name));
  }
}

TEST_CASE("weights files are recognised by content") {
  using enum WeightsFormat;
  CHECK(content("\x10\0\0\0\0\0\0\0{\"a\":{}}"s) == safetensors);
  CHECK(content("\x10\0\0\0\0\0\0\0 {}"s) == safetensors);
  CHECK(content("GGUF\x03"s) == gguf);
  CHECK(content("\x80\x02}q\0."s) == pickle);
  CHECK(content("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") == torch_legacy);
  CHECK(content("\x93NUMPY\x01"s) == numpy);
  CHECK(content("\x89HDF\r\n\x1a\n"s) == hdf5);
  CHECK(content(std::string(257, 'x').append("ustar")) == tar);
  CHECK(content("\x0a\x0d\x0a\x01w\x12\x08\x08\x02\x12\x04"
                "Bool"s) == ckpt);
  CHECK(content(test::zip_of({{"archive/data.pkl", "x"}})) == torch_zip);
  CHECK(content(test::zip_of({{"w.npy", "x"}})) == numpy);
  CHECK(content(test::zip_of({{"model.safetensors", "x"}})) == zip);
  CHECK(!content(test::zip_of({{"word/document.xml", "x"}})));
}

TEST_CASE("text and short files are not weights by content") {
  for (const std::string& head :
       {""s, "{"s, "\x10\0\0\0\0\0\0\0"s, "\x10\0\0\0\0\0\0\0["s, "{\"weight_map\": {}}"s,
        "PK\x03\x04"s, "# A model\n"s, "GGU"s, "\x80"s,
        // Entries of other messages: a piece of SentencePiece, another length, no type.
        "\x0a\x0a\x0a\x03<s>\x15\0\0\0\0"s,
        "\x0a\x0e\x0a\x01w\x12\x08\x08\x02\x12\x04"
        "Bool"s,
        "\x0a\x0d\x0a\x01w\x12\x08\x08\x02\x12\x04"
        "B/ol"s}) {
    CAPTURE(to_hex(as_bytes(head)));
    CHECK(!content(head));
  }
}

TEST_CASE("a weights file is recognised under any name") {
  test::Scratch scratch;
  CHECK(is_weights_file(scratch.put("notes.txt", "GGUF and more")));
  CHECK(is_weights_file(scratch.put("empty.bin", "")));
  CHECK(is_weights_file(scratch / "missing.pt"));
  CHECK(!is_weights_file(scratch.put("config.json", "{}")));
  CHECK(!is_weights_file(scratch / "missing.json"));
}

}  // namespace wmk::checkpoint
