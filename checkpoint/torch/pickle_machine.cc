#include "checkpoint/torch/pickle_machine.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "checkpoint/torch/pickle_call.h"
#include "checkpoint/torch/unpickle.h"

namespace wmk::checkpoint {
namespace {

constexpr PickleRef kUnset = UINT32_MAX;
static_assert(kPickleValuesMax < kUnset);

}  // namespace

Status PickleMachine::check_value_count() const {
  if (values_.size() >= kPickleValuesMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kPickleValuesMax, " values"));
  }
  return {};
}

Status PickleMachine::push(PickleRef ref) {
  if (stack_.size() == kPickleStackMax) {
    return Error(ErrorCode::limit_exceeded, cat("a stack of more than ", kPickleStackMax));
  }
  stack_.push_back(ref);
  return {};
}

Status PickleMachine::push(PickleKind kind, uint64_t data, uint32_t count) {
  if (auto status = check_value_count(); !status) return status;
  return push(values_.add(kind, data, count));
}

std::optional<PickleRef> PickleMachine::pop() {
  if (available() == 0) return std::nullopt;
  const PickleRef top = stack_.back();
  stack_.pop_back();
  return top;
}

Status PickleMachine::number(uint8_t opcode) {
  std::optional<int64_t> value;
  if (opcode == 'J') value = take<int32_t>();
  if (opcode == 'K') value = take<uint8_t>();
  if (opcode == 'M') value = take<uint16_t>();
  if (value) return push(PickleKind::integer, static_cast<uint64_t>(*value));
  if (opcode == 'G') return take<uint64_t>() ? push(PickleKind::opaque) : Status(cut_off());
  if (opcode != 0x8a) return cut_off();
  const auto length = take<uint8_t>();
  if (!length || rest_.size() < *length) return cut_off();
  const ByteView digits = rest_.first(*length);  // two's complement, lowest byte first
  rest_ = rest_.subspan(*length);
  if (digits.size() > 8) return push(PickleKind::opaque);
  const bool is_negative = !digits.empty() && (digits.back() & std::byte{0x80}) != std::byte{0};
  uint64_t bits = is_negative ? UINT64_MAX : 0;
  std::copy(digits.begin(), digits.end(), reinterpret_cast<std::byte*>(&bits));
  return push(PickleKind::integer, bits);
}

std::optional<uint64_t> PickleMachine::take_length(uint8_t opcode) {
  if (opcode == 'X' || opcode == 'B') return take<uint32_t>();
  if (opcode == 0x8d) return take<uint64_t>();
  return take<uint8_t>();
}

Status PickleMachine::string(uint8_t opcode) {
  const auto length = take_length(opcode);
  if (!length || rest_.size() < *length) return cut_off();
  if (*length > kPickleTextBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat("a text of ", *length, " bytes"));
  }
  const uint64_t at = position();
  const std::string_view text = as_text(rest_.first(*length));
  rest_ = rest_.subspan(*length);
  if (opcode == 'B' || opcode == 'C') return push(PickleKind::opaque);
  if (!is_utf8(text)) return malformed("a text is not UTF-8");
  return push(PickleKind::text, at, static_cast<uint32_t>(*length));
}

Status PickleMachine::collection(uint8_t opcode) {
  if (opcode == '(') {
    if (marks_.size() == kPickleMarksMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kPickleMarksMax, " open marks"));
    }
    marks_.push_back(stack_.size());
    return {};
  }
  if (auto status = check_value_count(); !status) return status;
  if (opcode == ']') return push(values_.add_container(PickleKind::list));
  if (opcode == '}') return push(values_.add_container(PickleKind::dict));
  if (opcode == 0x8f) return push(values_.add_container(PickleKind::set));
  if (opcode == 't' && marks_.empty()) return malformed("a tuple has no mark");
  size_t count = available();
  if (opcode == ')') count = 0;
  if (opcode >= 0x85) count = opcode - 0x84u;
  if (count > available()) return underflow();
  const PickleRef tuple = values_.add_tuple(std::span(stack_).last(count));
  stack_.resize(stack_.size() - count);
  if (opcode == 't') marks_.pop_back();
  return push(tuple);
}

// Moves one item (or pair), or all items above the mark, into the collection below them.
Status PickleMachine::fill(uint8_t opcode) {
  const bool is_dict = opcode == 's' || opcode == 'u';
  const PickleKind kind = is_dict          ? PickleKind::dict
                          : opcode == 0x90 ? PickleKind::set
                                           : PickleKind::list;
  const bool has_mark = opcode == 'e' || opcode == 'u' || opcode == 0x90;
  if (has_mark && marks_.empty()) return malformed("items have no mark");
  const size_t count = has_mark ? available() : is_dict ? 2 : 1;
  if (has_mark) marks_.pop_back();
  if (available() < count + 1) return underflow();
  if (is_dict && count % 2 != 0) return malformed("a key has no value");
  const auto items = std::span(stack_).last(count);
  const PickleRef target = stack_[stack_.size() - count - 1];
  if (!values_.is(target, kind))
    return malformed("items are added to something that is not a collection");
  values_.append(target, items);
  stack_.resize(stack_.size() - count);
  return {};
}

Status PickleMachine::put(uint64_t slot) {
  if (available() == 0) return underflow();
  if (slot >= kPickleMemoMax)
    return Error(ErrorCode::limit_exceeded, "too many values in the memo");
  if (slot >= memo_.size()) memo_.resize(std::max<size_t>(slot + 1, 2 * memo_.size()), kUnset);
  memo_count_ += memo_[slot] == kUnset;
  memo_[slot] = stack_.back();
  return {};
}

Status PickleMachine::memo(uint8_t opcode) {
  if (opcode == 0x94) return put(memo_count_);
  std::optional<uint64_t> slot;
  if (opcode == 'q' || opcode == 'h') {
    slot = take<uint8_t>();
  } else {
    slot = take<uint32_t>();
  }
  if (!slot) return cut_off();
  if (opcode == 'q' || opcode == 'r') return put(*slot);
  if (*slot >= memo_.size() || memo_[*slot] == kUnset) {
    return malformed("reads a memo entry that was not written");
  }
  return push(memo_[*slot]);
}

std::optional<std::string_view> PickleMachine::take_line() {
  const std::string_view text = as_text(rest_);
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  rest_ = rest_.subspan(end + 1);
  return text.substr(0, end);
}

Status PickleMachine::global(uint8_t opcode) {
  std::string_view module, name;
  if (opcode == 'c') {
    const auto first = take_line();
    const auto second = first ? take_line() : std::nullopt;
    if (!second) return cut_off();
    module = *first;
    name = *second;
  } else {
    const auto second = pop();
    const auto first = second ? pop() : std::nullopt;
    if (!first) return underflow();
    if (!values_.is(*first, PickleKind::text) || !values_.is(*second, PickleKind::text)) {
      return malformed("a name is not a text");
    }
    module = values_.text(*first);
    name = values_.text(*second);
  }
  const auto symbol = find_pickle_symbol(module, name, values_.names());
  if (!symbol) return symbol.error();
  if (auto status = check_value_count(); !status) return status;
  return push(values_.add_symbol(*symbol));
}

Status PickleMachine::call(uint8_t opcode) {
  const auto top = pop();
  if (!top) return underflow();
  if (auto status = check_value_count(); !status) return status;
  if (opcode == 'Q') {
    const auto storage = pickled_storage(values_, *top);
    return storage ? push(*storage) : Status(storage.error());
  }
  if (available() == 0) return underflow();
  if (opcode == 'b') return build_pickled(values_, stack_.back(), *top);
  const auto result = call_pickled(values_, *pop(), *top);
  return result ? push(*result) : Status(result.error());
}

}  // namespace wmk::checkpoint
