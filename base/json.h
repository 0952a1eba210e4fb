// Strict JSON: the only reader of JSON from outside, and the only writer.
//
// Purpose: RFC 8259 in UTF-8, and stricter where two readers could differ. Errors are: duplicate
// keys (after unescaping, at any level), lone surrogates, a byte order mark, a second document, NUL
// in a string, numbers out of range, and nesting beyond the limit. Limits::python_dialect relaxes
// some of these for model configs.
// Lifetime: a Value is a cursor into its Document, which owns all text; it must not outlive it.
// Thread-safety: a Document never changes after parse(); any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::json {

struct Limits {
  uint64_t bytes_max = 256ull << 20;
  unsigned depth_max = 64;
  // For tokenizers, which may have a token for the byte 0.
  bool nul_allowed = false;
  uint64_t values_max = 10'000'000;  // a value takes two bytes of input and 48 bytes of memory
  // For config.json, which Python writes and reads: NaN, Infinity, -Infinity and numbers out of
  // range are read as null, and of equal keys the last one counts. Document::oddities() lists them.
  bool python_dialect = false;
};

enum class Kind : uint8_t { null, boolean, number, string, array, object };

class Document;

class Value {
 public:
  Kind kind() const;
  bool is(Kind k) const { return kind() == k; }

  // nullopt for a value of another kind or out of range.
  std::optional<bool> boolean() const;
  std::optional<std::string_view> string() const;
  // Written without decimal point, exponent or minus sign, and within 64 bits.
  std::optional<uint64_t> unsigned_integer() const;
  std::optional<double> number() const;

  // Array or object members in file order. An object's children are its values; key() names one.
  size_t size() const;
  std::string_view key() const;
  // Member of an object, or nullopt. A linear search: iterate over large objects instead.
  std::optional<Value> find(std::string_view key) const;

  class Iterator {
   public:
    Iterator(const Document* document, uint32_t node) : document_(document), node_(node) {}
    Value operator*() const { return Value(document_, node_); }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return node_ != other.node_; }

   private:
    const Document* document_;
    uint32_t node_;
  };
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class Document;
  Value(const Document* document, uint32_t node) : document_(document), node_(node) {}
  const Document* document_;
  uint32_t node_;
};

class Document {
 public:
  // Takes ownership of the text. Errors (malformed, limit_exceeded, and duplicate_key, because
  // other readers accept such objects and differ in what they read) name line and column.
  static Result<Document> parse(std::string text, const Limits& limits = {});

  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;
  Value root() const { return Value(this, 0); }
  // What only python_dialect accepts: "line 3, column 5: NaN is not JSON; it is ignored". The first
  // kOdditiesMax of them.
  const std::vector<std::string>& oddities() const { return oddities_; }
  static constexpr size_t kOdditiesMax = 8;

 private:
  friend class Value;
  friend class Value::Iterator;
  friend class Parser;
  struct Node {
    std::string_view text;  // string: unescaped; number: as written
    std::string_view key;   // member of an object: its unescaped key
    uint32_t next = 0;      // first node after this one and its children
    uint32_t count = 0;     // children
    Kind kind = Kind::null;
    bool truth = false;
  };
  Document() = default;
  // A unique_ptr, so that every string_view stays valid when a Document is moved. Strings are
  // unescaped in place: no escape is shorter than the character it stands for.
  std::unique_ptr<std::string> text_;
  std::vector<Node> nodes_;
  std::vector<std::string> oddities_;
};

// Writes one document with keys in the order of the calls: {"schema": "...", "z": 33.84, ...}.
class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool truth);
  Writer& value(double number);  // null if it is not finite
  Writer& value(uint64_t number);
  Writer& value(int number);
  Writer& null();
  template <class T>
  Writer& member(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }
  // The document, with a newline at the end.
  std::string finish();

 private:
  void separate();
  std::string out_;
  bool first_ = true;
  bool after_key_ = false;
};

// The text as a JSON string, including the quotes.
std::string quoted(std::string_view text);

}  // namespace wmk::json
