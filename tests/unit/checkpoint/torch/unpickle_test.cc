#include "checkpoint/torch/unpickle.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/torch/state_dict.h"

namespace wmk::checkpoint {
namespace {

using namespace std::string_literals;

Result<PickleValues> unpickled(std::string_view pickle) {
  const ByteView bytes = as_bytes(pickle);
  return unpickle(Bytes(bytes.begin(), bytes.end()));
}

// "\x80\x02" body "."
Result<PickleValues> body(const std::string& text) { return unpickled("\x80\x02" + text + "."); }

void check_unpickle_refused(const Result<PickleValues>& values, std::string_view words) {
  CAPTURE(words);
  REQUIRE(!values);
  CAPTURE(values.error().message());
  CHECK(values.error().message().find(words) != std::string::npos);
}

std::string text(std::string_view value) {
  const auto bytes = static_cast<uint32_t>(value.size());
  return "X" + std::string(reinterpret_cast<const char*>(&bytes), 4) + std::string(value);
}

std::string global(std::string_view module, std::string_view name) {
  return cat("c", module, "\n", name, "\n");
}

// ("storage", type, "0", "cpu", 6) as a storage.
const std::string kStorage =
    "(" + text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + "K\x06tQ";
// _rebuild_tensor_v2 of that storage with this offset, shape and strides.
std::string tensor(const std::string& place) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + kStorage + place + "\x89}tR";
}
const std::string kTensor = tensor("K\0K\x02K\x03\x86K\x03K\x01\x86"s);

}  // namespace

TEST_CASE("a dictionary of tensors is read from its opcodes") {
  const auto values = body("}" + text("w") + kTensor + "s");
  INFO((values ? "" : values.error().message()));
  REQUIRE(values);
  const auto dict = find_state_dict(*values);
  REQUIRE(dict);
  REQUIRE(dict->tensors.size() == 1);
  CHECK(dict->tensors[0].first == "w");
  CHECK(dict->tensors[0].second->shape == std::vector<uint64_t>{2, 3});
  CHECK(dict->tensors[0].second->strides == std::vector<uint64_t>{3, 1});
  CHECK(values->storages[0].key == "0");
}

TEST_CASE("whole numbers of all widths keep their values") {
  const auto values =
      body("(K\xFFM\x34\x12J\xFE\xFF\xFF\xFF\x8a\x00\x8a\x01\xFF\x8a\x02\x00\x01t"s);
  REQUIRE(values);
  const auto items = values->items(values->root);
  const int64_t expected[] = {255, 0x1234, -2, 0, -1, 256};
  REQUIRE(items.size() == std::size(expected));
  for (size_t i = 0; i < items.size(); ++i) CHECK(values->integer(items[i]) == expected[i]);
}

TEST_CASE("names that are not part of a state dict are refused by name", "[bad-input]") {
  const auto run = text("id") + "\x85R";
  check_unpickle_refused(
      body(global("posix", "system") + run),
      "'posix.system' is not part of a state dict: this file may be hostile; nothing was "
      "executed");
  check_unpickle_refused(body(global("os", "system") + run), "'os.system' is not part");
  check_unpickle_refused(body(global("builtins", "eval") + run), "'builtins.eval'");
  check_unpickle_refused(body(global("__builtin__", "getattr") + run), "'__builtin__.getattr'");
  check_unpickle_refused(body(text("posix") + text("system") + "\x93" + run), "'posix.system'");
  // Attribute chains of protocol 4, and names that lead through torch.
  check_unpickle_refused(body(text("torch") + text("serialization.os.system") + "\x93"),
                         "os.system'");
  check_unpickle_refused(body(global("torch.serialization", "os.system")), "os.system'");
  check_unpickle_refused(body(global("torch", "load")), "'torch.load'");
  check_unpickle_refused(body(global("torch._utils", "_rebuild_qtensor")),
                         "kind of tensor that is not read");
  check_unpickle_refused(body(global("torch._utils", "_rebuild_device_tensor_from_numpy")),
                         "kind of tensor that is not read");
  check_unpickle_refused(body(global("torch.storage", "_load_from_bytes")), "_load_from_bytes'");
  check_unpickle_refused(body(global("a\x1b[2J", "\n")), "a\\x1b[2J");
  check_unpickle_refused(body("c" + std::string(3000, 'm') + "\nx\n"), "mmm.x'");
}

TEST_CASE("allowed names may only be called for their purpose", "[bad-input]") {
  check_unpickle_refused(body("K\x01)R"), "calls a value that is not a function");
  check_unpickle_refused(body(")\x81"), "empty stack");
  check_unpickle_refused(body(global("torch", "FloatStorage") + ")R"),
                         "a state dict may only name");
  check_unpickle_refused(body(global("torch", "float32") + ")R"), "a state dict may only name");
  check_unpickle_refused(body(global("torch", "device") + text("cpu") + "\x85R)R"),
                         "not a function");
  check_unpickle_refused(body(global("collections", "OrderedDict") + "(]tR"),
                         "called with arguments");
  check_unpickle_refused(body(global("collections", "OrderedDict") + "]R"),
                         "no tuple of arguments");
  check_unpickle_refused(body(global("torch", "Size") + "K\x01\x85R"), "torch.Size");
  const std::string from_type = global("torch._tensor", "_rebuild_from_type_v2");
  const std::string parameter = global("torch.nn.parameter", "Parameter");
  check_unpickle_refused(body(from_type + "(" + from_type + parameter + ")}tR"),
                         "than a plain tensor");
  check_unpickle_refused(body(from_type + "(K\x01" + parameter + ")}tR"), "than a plain tensor");
  check_unpickle_refused(body(global("torch._utils", "_rebuild_parameter") + "K\x01\x85R"),
                         "not made from a tensor");
  check_unpickle_refused(body("K\x01Q"), "storage's id");
  check_unpickle_refused(body("(" + text("module") + global("torch", "FloatStorage") + text("0") +
                              text("cpu") + "K\x06tQ"),
                         "storage's id");
}

TEST_CASE("only _metadata may be set as an attribute, and only on state dicts", "[bad-input]") {
  const std::string dict = global("collections", "OrderedDict") + ")R";
  CHECK(body(dict + "}" + text("_metadata") + "}sb"));
  check_unpickle_refused(body(dict + "}" + text("__setstate__") + text("x") + "sb"),
                         "other than _metadata");
  check_unpickle_refused(body(dict + "}" + text("__class__") + text("x") + "sb"),
                         "other than _metadata");
  check_unpickle_refused(body(global("torch", "Tensor") + "}b"),
                         "something other than a state dict");
  check_unpickle_refused(body(kTensor + "}b"), "something other than a state dict");
  check_unpickle_refused(body(dict + "K\x01"
                                     "b"),
                         "something other than a state dict");
  check_unpickle_refused(body(dict + "N}\x86"
                                     "b"),
                         "something other than a state dict");
}

TEST_CASE("items may only be added to collections of their kind", "[bad-input]") {
  check_unpickle_refused(body("]" + text("k") + "K\x01s"), "not a collection");
  check_unpickle_refused(body("}K\x01"
                              "a"),
                         "not a collection");
  check_unpickle_refused(body("}(K\x01u"), "a key has no value");
  check_unpickle_refused(body(global("torch", "Tensor") + "K\x01K\x01s"), "not a collection");
  check_unpickle_refused(body("K\x01(e"), "not a collection");
  check_unpickle_refused(body("K\x01(t\x90"), "have no mark");
}

TEST_CASE("tensors of impossible shapes are refused", "[bad-input]") {
  check_unpickle_refused(body(tensor("K\0J\xFF\xFF\xFF\xFFK\x03\x86K\x03K\x01\x86"s)),
                         "than sizes");
  check_unpickle_refused(body(tensor("K\0K\x02K\x03\x86J\xFF\xFF\xFF\xFFK\x01\x86"s)),
                         "than sizes");
  check_unpickle_refused(body(tensor("J\xFF\xFF\xFF\xFFK\x02\x85K\x01\x85")),
                         "not storage, offset");
  check_unpickle_refused(body(tensor("K\0K\x02K\x03\x86K\x01\x85"s)),
                         "different numbers of strides");
  check_unpickle_refused(body(tensor("K\0\x8a\x0A"s + std::string(10, '\x7F') + "\x85K\x01\x85")),
                         "sizes");
  check_unpickle_refused(body(tensor("K\0("s + std::string(65, '\x88') + "t)")), "65 dimensions");
  check_unpickle_refused(body(tensor("K\0]]"s)), "is not a tuple");
  check_unpickle_refused(
      body(global("torch._utils", "_rebuild_tensor_v2") + "(K\x01K\x01K\x01K\x01tR"),
      "not storage, offset");
  const std::string conj = "\x89}}" + text("conj") + "\x88s";
  check_unpickle_refused(
      body(global("torch._utils", "_rebuild_tensor_v2") + "(" + kStorage + "K\0))"s + conj + "tR"),
      "has metadata");
}

TEST_CASE("stack, marks and memo are checked and limited", "[bad-input]") {
  for (const char* empty :
       {"R", "Q", "b", "s", "a", "t", "u", "\x85", "\x87", "\x93", "q", "\x94"}) {
    CAPTURE(empty);
    CHECK(!body(empty + std::string(empty[0] == 'q' ? 1 : 0, '\0')));
  }
  check_unpickle_refused(body(""), "more than one value on the stack");  // and with an empty one
  check_unpickle_refused(body("NN"), "more than one value on the stack");
  check_unpickle_refused(body("N("), "more than one value on the stack");
  check_unpickle_refused(body("N(\x85"), "empty stack");  // a mark cannot be looked through
  check_unpickle_refused(body("}(R"), "empty stack");
  check_unpickle_refused(body("h\x07"), "was not written");
  check_unpickle_refused(body("Nq\x01h\0"s), "was not written");
  check_unpickle_refused(body("Nr\xFF\xFF\xFF\xFF"), "too many values in the memo");
  check_unpickle_refused(body(std::string(1001, '(')), "open marks");
  check_unpickle_refused(body(std::string(1'000'001, 'N')), "a stack of more than");
}

TEST_CASE("pickles that are cut off, framed wrongly or followed by bytes are refused",
          "[bad-input]") {
  const std::string good = "\x80\x04\x95"s + std::string("\x03\0\0\0\0\0\0\0", 8) + "}\x94.";
  CHECK(unpickled(good));
  for (size_t bytes = 0; bytes < good.size(); ++bytes) CHECK(!unpickled(good.substr(0, bytes)));
  const std::string longer = "\x80\x02}" + text("w") + kTensor + "s.";
  for (size_t bytes = 0; bytes < longer.size(); ++bytes) CHECK(!unpickled(longer.substr(0, bytes)));
  check_unpickle_refused(unpickled(good + "N."), "2 bytes follow");
  std::string frame = good;
  frame[3] = 4;
  check_unpickle_refused(unpickled(frame), "a frame is longer than the rest of the pickle");
  check_unpickle_refused(unpickled("\x80\x06}."), "protocol 6");
  check_unpickle_refused(unpickled("}."), "is not a pickle of protocol");
  check_unpickle_refused(body("X\xFF\xFF\xFF\xFF"), "cut off");
  check_unpickle_refused(body("\x8d\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "cut off");
  check_unpickle_refused(body("\x8a\xFF"), "cut off");
  check_unpickle_refused(body(text(std::string((1 << 20) + 1, 'x'))), "a text of 1048577 bytes");
  check_unpickle_refused(body(text("\xED\xA0\x80")), "not UTF-8");
}

TEST_CASE("opcodes that no state dict uses are refused", "[bad-input]") {
  for (const unsigned opcode : {unsigned{'i'}, unsigned{'o'}, unsigned{'P'}, unsigned{'0'},
                                unsigned{'1'}, unsigned{'2'}, unsigned{'I'}, unsigned{'S'},
                                unsigned{'d'}, unsigned{'l'}, 0x82u, 0x92u, 0x96u, 0x97u, 0xFFu}) {
    CAPTURE(opcode);
    check_unpickle_refused(body(std::string(1, static_cast<char>(opcode))),
                           cat("opcode ", opcode, " is not part of a state dict"));
  }
}

TEST_CASE("endless nesting and sharing cost nothing", "[bad-input]") {
  // Tuples in tuples, a hundred thousand deep.
  std::string deep = "N" + std::string(100'000, '\x85');
  auto values = body(deep);
  REQUIRE(values);
  CHECK(!find_state_dict(*values));
  // Each list twice in the next: 2^200 items to whoever follows them all.
  std::string doubling = "]q\x01";
  for (int i = 0; i < 200; ++i)
    doubling +=
        "](h\x01h\x01"
        "eq\x01";
  // Only the last may stay: each goes into the one before it as well.
  values = body(
      "]"
      "(" +
      doubling + "e");
  REQUIRE(values);
  CHECK(!find_state_dict(*values));
}

TEST_CASE("a dictionary that holds itself is searched once", "[bad-input]") {
  const auto values = body("}q\x01" + text("self") + "h\x01s" + text("w") + kTensor + "s");
  REQUIRE(values);
  const auto dict = find_state_dict(*values);
  REQUIRE(dict);
  CHECK(dict->tensors.size() == 1);
}

TEST_CASE("of several dictionaries the one with the most tensors is the model") {
  const std::string two = "}(" + text("a") + kTensor + text("b") + kTensor + "u";
  auto values = body("}(" + text("rng") + kTensor + text("ema") + two + text("model") + two + "u");
  REQUIRE(values);
  auto dict = find_state_dict(*values);
  REQUIRE(dict);
  REQUIRE(dict->notes.size() == 2);
  CHECK(dict->notes[0] == "the tensors are read from ['model']");
  CHECK(dict->notes[1] == "3 tensors outside of it are not read");
  values = body("}" + text("x") + "]}" + text("y") + two + "sas");
  REQUIRE(values);
  dict = find_state_dict(*values);
  REQUIRE(dict);
  CHECK(dict->notes[0] == "the tensors are read from ['x'][...]['y']");
}

TEST_CASE("tensors without distinct valid names are refused", "[bad-input]") {
  const auto refused = [](const std::string& pickle, std::string_view words) {
    const auto values = body(pickle);
    REQUIRE(values);
    const auto dict = find_state_dict(*values);
    REQUIRE(!dict);
    CAPTURE(dict.error().message());
    CHECK(dict.error().message().find(words) != std::string::npos);
  };
  const std::string twice = text("w") + kTensor + "s" + text("w") + kTensor + "s";
  refused("}" + twice, "tensor 'w': occurs twice");
  refused("}K\x01" + kTensor + "s", "name is not a text");
  refused("}" + text("") + kTensor + "s", "empty name");
  refused("}" + text("a\nb") + kTensor + "s", "'a\\x0ab': has a control character");
  refused("}" + text("n") + "K\x01s", "has no dictionary of tensors");
  refused(kTensor, "has no dictionary of tensors");
}

}  // namespace wmk::checkpoint
