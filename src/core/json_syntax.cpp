// SPDX-License-Identifier: Apache-2.0
#include "core/json_syntax.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>

#include "core/json_number.h"

namespace attnscope {
namespace {

class SyntaxReader {
 public:
  SyntaxReader(std::string_view text, int max_depth) : text_(text), depth_left_(max_depth) {}

  void document() {
    value();
    skip_blanks();
    if (at_ < text_.size()) fail("expected the end of the text after the value");
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  bool accept(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void value() {
    skip_blanks();
    switch (peek()) {
      case '{':
        return nested([this] { object(); });
      case '[':
        return nested([this] { array(); });
      case '"':
        return string();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  template <class Content>
  void nested(const Content& content) {
    if (depth_left_ == 0) fail("nested too deeply", JsonProblem::Kind::depth);
    --depth_left_;
    ++at_;
    content();
    ++depth_left_;
  }

  void object() {
    if (accept('}')) return;
    do {
      skip_blanks();
      if (peek() != '"') fail("expected a key in double quotes");
      string();
      if (!accept(':')) fail("expected ':'");
      value();
    } while (accept(','));
    if (!accept('}')) fail("expected ',' or '}'");
  }

  void array() {
    if (accept(']')) return;
    do {
      value();
    } while (accept(','));
    if (!accept(']')) fail("expected ',' or ']'");
  }

  void string() {
    const std::size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20)
        fail("a control character in a string, expected an escape");
      if (text_[at_] == '\\') {
        escape();
      } else {
        ++at_;
      }
    }
    if (at_ == text_.size()) {
      at_ = start;
      fail("a string without its closing quote");
    }
    ++at_;
  }

  void escape() {
    const std::size_t start = at_++;
    const char kind = peek();
    if (kind == '\0' || std::string_view("\"\\/bfnrtu").find(kind) == std::string_view::npos) {
      at_ = start;
      fail("an unknown escape");
    }
    ++at_;
    if (kind == 'u') unicode_escape(start);
  }

  void unicode_escape(std::size_t start) {
    const unsigned unit = hex4();
    if (unit < 0xD800 || unit > 0xDFFF) return;
    const bool pair = unit < 0xDC00 && text_.substr(at_, 2) == "\\u";
    at_ += pair ? 2 : 0;
    const unsigned second = pair ? hex4() : 0;
    if (second >= 0xDC00 && second <= 0xDFFF) return;
    at_ = start;
    fail("a lone surrogate escape");
  }

  unsigned hex4() {
    unsigned unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(peek() | 0x20));
      if (digit == std::string_view::npos || at_ >= text_.size() || text_[at_] < '0')
        fail("expected four hexadecimal digits");
      unit = unit * 16 + static_cast<unsigned>(digit);
    }
    return unit;
  }

  void literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) fail("expected a value");
    at_ += word.size();
  }

  void number() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t length = json_number_length(rest);
    if (length == 0)
      fail(at_ == text_.size() ? "the text ends where a value is expected" : "expected a value");
    JsonScalar scalar;
    if (!read_json_number(rest.substr(0, length), scalar))
      fail("a number beyond the range of 64-bit floating point");
    at_ += length;
  }

  [[noreturn]] void fail(std::string what, JsonProblem::Kind kind = JsonProblem::Kind::syntax) const {
    throw JsonProblem{kind, at_, 0, std::move(what), {}};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_left_;
};

}  // namespace

std::optional<JsonProblem> find_json_syntax_problem(std::string_view text, const JsonLimits& limits) try {
  SyntaxReader(text, limits.max_depth).document();
  return std::nullopt;
} catch (JsonProblem& problem) {
  return std::move(problem);
}

}  // namespace attnscope
