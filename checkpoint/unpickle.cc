#include "checkpoint/unpickle.h"

#include <array>

#include "base/text.h"
#include "checkpoint/pickle_call.h"
#include "checkpoint/pickle_machine.h"

namespace wmk::checkpoint {

// Opcodes by their numbers in CPython's pickle.py.
Status PickleMachine::step(uint8_t opcode) {
  switch (opcode) {
    case 'N':
      return push(PickleKind::none);
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      return push(PickleKind::boolean, opcode == 0x88);
    case 'J':   // BININT
    case 'K':   // BININT1
    case 'M':   // BININT2
    case 0x8a:  // LONG1
    case 'G':   // BINFLOAT
      return number(opcode);
    case 'X':   // BINUNICODE
    case 0x8c:  // SHORT_BINUNICODE
    case 0x8d:  // BINUNICODE8
    case 'U':   // SHORT_BINSTRING
    case 'C':   // SHORT_BINBYTES
    case 'B':   // BINBYTES
      return string(opcode);
    case ')':
    case ']':
    case '}':
    case 0x8f:  // EMPTY_SET
    case '(':
    case 't':
    case 0x85:  // TUPLE1
    case 0x86:
    case 0x87:
      return collection(opcode);
    case 'a':   // APPEND
    case 'e':   // APPENDS
    case 's':   // SETITEM
    case 'u':   // SETITEMS
    case 0x90:  // ADDITEMS
      return fill(opcode);
    case 'q':   // BINPUT
    case 'r':   // LONG_BINPUT
    case 0x94:  // MEMOIZE
    case 'h':   // BINGET
    case 'j':   // LONG_BINGET
      return memo(opcode);
    case 'c':   // GLOBAL
    case 0x93:  // STACK_GLOBAL
      return global(opcode);
    case 'R':   // REDUCE
    case 0x81:  // NEWOBJ
    case 'Q':   // BINPERSID
    case 'b':   // BUILD
      return call(opcode);
    case 0x95: {  // FRAME
      const auto bytes = take<uint64_t>();
      if (!bytes) return cut_off();
      if (*bytes > rest_.size()) return malformed("a frame reaches behind the end");
      return {};
    }
    default:
      return Error(ErrorCode::unsupported,
                   cat("opcode ", unsigned{opcode}, " is not part of a state dict"));
  }
}

Result<PickleRef> PickleMachine::run() {
  const auto proto = take<uint8_t>();
  const auto version = take<uint8_t>();
  if (!proto || !version || *proto != 0x80) return malformed("is no pickle of protocol 2 to 5");
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
  if (stack_.size() != 1 || !marks_.empty()) return malformed("the pickle ends with a full stack");
  if (!rest_.empty()) return malformed(cat(rest_.size(), " bytes lie behind the pickle"));
  return stack_.back();
}

Result<PickleValues> unpickle(Bytes pickle) {
  if (pickle.size() > kPickleBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("a pickle of more than ", kPickleBytesMax, " bytes"));
  }
  PickleValues values(std::move(pickle));
  PickleMachine machine(values);
  const auto root = machine.run();
  if (!root) {
    return Error(root.error()).within(cat("byte ", machine.position()));
  }
  values.root = *root;
  return values;
}

}  // namespace wmk::checkpoint
