// The stack machine of unpickle(): stack, marks and memo, with one method per kind of opcode.
//
// Lifetime: fills a PickleValues, which must outlive it. Thread-safety: none; one caller.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

class PickleMachine {
 public:
  explicit PickleMachine(PickleValues& values) : values_(values), rest_(values.bytes()) {}

  // The value of the whole pickle.
  Result<PickleRef> run();
  // The number of bytes read: the position of an error.
  uint64_t position() const { return values_.bytes().size() - rest_.size(); }

 private:
  Status step(uint8_t opcode);
  Result<PickleRef> stop();

  Status frame();
  Status number(uint8_t opcode);
  Status string(uint8_t opcode);
  Status collection(uint8_t opcode);
  Status fill(uint8_t opcode);
  Status memo(uint8_t opcode);
  Status global(uint8_t opcode);
  Status call(uint8_t opcode);

  static Error malformed(std::string message) {
    return Error(ErrorCode::malformed, std::move(message));
  }
  static Error cut_off() { return malformed("the pickle is cut off"); }
  static Error underflow() { return malformed("takes from an empty stack"); }

  template <class T>
  std::optional<T> take() {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    const T value = load_le<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  std::optional<uint64_t> take_length(uint8_t opcode);
  std::optional<std::string_view> take_line();

  Status push(PickleKind kind, uint64_t data = 0, uint32_t count = 0);
  Status push(PickleRef ref);
  Status check_value_count() const;
  // Values above the topmost mark (or the bottom).
  size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  std::optional<PickleRef> pop();
  Status put(uint64_t slot);

  PickleValues& values_;
  ByteView rest_;
  std::vector<PickleRef> stack_;
  std::vector<size_t> marks_;  // stack sizes
  std::vector<PickleRef> memo_;
  uint32_t memo_count_ = 0;
};

}  // namespace wmk::checkpoint
