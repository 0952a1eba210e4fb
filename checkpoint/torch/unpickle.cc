#include "checkpoint/torch/unpickle.h"

#include <string_view>

#include "base/text.h"
#include "checkpoint/torch/pickle_call.h"
#include "checkpoint/torch/pickle_machine.h"

namespace wmk::checkpoint {

namespace {

// Opcodes, as in CPython's pickle.py.
constexpr std::string_view kNumbers = "JKMG\x8a";                   // BININT, 1, 2, BINFLOAT, LONG1
constexpr std::string_view kStrings = "XUCB\x8c\x8d";               // unicode, strings, bytes
constexpr std::string_view kCollections = ")]}(t\x85\x86\x87\x8f";  // empty, MARK, TUPLE, 1 to 3
constexpr std::string_view kItems = "aesu\x90";  // APPEND(S), SETITEM(S), ADDITEMS
constexpr std::string_view kMemo = "qrhj\x94";   // BINPUT, BINGET, MEMOIZE
constexpr std::string_view kNames = "c\x93";     // GLOBAL, STACK_GLOBAL
constexpr std::string_view kCalls = "RQb\x81";   // REDUCE, BINPERSID, BUILD, NEWOBJ

}  // namespace

Status PickleMachine::step(uint8_t opcode) {
  const auto is_in = [c = static_cast<char>(opcode)](std::string_view opcodes) {
    return opcodes.find(c) != std::string_view::npos;
  };
  if (is_in(kMemo)) return memo(opcode);
  if (is_in(kNumbers)) return number(opcode);
  if (is_in(kStrings)) return string(opcode);
  if (is_in(kCollections)) return collection(opcode);
  if (is_in(kItems)) return fill(opcode);
  if (is_in(kCalls)) return call(opcode);
  if (is_in(kNames)) return global(opcode);
  if (opcode == 'N') return push(PickleKind::none);
  if (opcode == 0x88 || opcode == 0x89) return push(PickleKind::boolean, opcode == 0x88);
  if (opcode == 0x95) return frame();
  return Error(ErrorCode::unsupported,
               cat("opcode ", unsigned{opcode}, " is not part of a state dict"));
}

// The size of a frame is checked and not used.
Status PickleMachine::frame() {
  const auto bytes = take<uint64_t>();
  if (!bytes) return cut_off();
  if (*bytes > rest_.size()) return malformed("a frame is longer than the rest of the pickle");
  return {};
}

Result<PickleRef> PickleMachine::run() {
  const auto proto = take<uint8_t>();
  const auto version = take<uint8_t>();
  if (!proto || !version || *proto != 0x80) return malformed("is not a pickle of protocol 2 to 5");
  if (*version < 2 || *version > 5) {
    return Error(ErrorCode::unsupported, cat("pickle protocol ", unsigned{*version}));
  }
  while (const auto opcode = take<uint8_t>()) {
    if (*opcode == '.') return stop();
    if (auto status = step(*opcode); !status) return std::move(status).error();
  }
  return cut_off();
}

Result<PickleRef> PickleMachine::stop() {
  if (stack_.size() != 1 || !marks_.empty())
    return malformed("the pickle ends with more than one value on the stack");
  if (!rest_.empty()) return malformed(cat(rest_.size(), " bytes follow the pickle"));
  return stack_.back();
}

Result<PickleValues> unpickle(Bytes pickle, PickleNames names) {
  if (pickle.size() > kPickleBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("a pickle of more than ", kPickleBytesMax, " bytes"));
  }
  PickleValues values(std::move(pickle), names);
  PickleMachine machine(values);
  const auto root = machine.run();
  if (!root) {
    return Error(root.error()).within(cat("byte ", machine.position()));
  }
  values.root = *root;
  return values;
}

}  // namespace wmk::checkpoint
