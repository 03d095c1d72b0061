// SPDX-License-Identifier: Apache-2.0
#include "texts.h"

#include <nanobind/stl/string.h>

#include <optional>

#include "attnscope/error.h"

namespace nb = nanobind;

namespace attnscope::python {
namespace {

std::string name_of(const Place& place, bool second) {
  const std::string name = second ? "text_pair" : place.index < 0 ? "text" : "texts";
  return place.index < 0 ? name : name + "[" + std::to_string(place.index) + "]";
}

std::string class_name(nb::handle value) { return nb::cast<std::string>(value.type().attr("__name__")); }

[[noreturn]] void refuse(const std::string& place, nb::handle found, const std::string& expected) {
  const char* hint = PyBytes_Check(found.ptr()) ? "; decode it first" : "";
  throw nb::type_error((place + ": found " + class_name(found) + ", expected " + expected + hint).c_str());
}

[[noreturn]] void refuse_surrogates(const std::string& place) {
  PyErr_Clear();
  ErrorInfo info;
  info.code = "TEXT_SURROGATE";
  info.file = place;
  info.what = "a lone surrogate is no character";
  info.hint = "decode bytes with errors='replace'";
  throw TextError(info);
}

Text read_text(nb::handle value, const std::string& place) {
  if (!PyUnicode_Check(value.ptr())) refuse(place, value, "str");
  Py_ssize_t size = 0;
  const char* const data = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (data == nullptr) refuse_surrogates(place);
  return {nb::borrow(value), {data, static_cast<std::size_t>(size)}, PyUnicode_GetLength(value.ptr())};
}

bool is_list(nb::handle value) { return PyList_Check(value.ptr()) || PyTuple_Check(value.ptr()); }

std::vector<Text> read_words(nb::handle value, const std::string& place) {
  if (!is_list(value)) refuse(place, value, "a list of words");
  std::vector<Text> words;
  for (const nb::handle word : value) {
    words.push_back(read_text(word, place + "[" + std::to_string(words.size()) + "]"));
  }
  return words;
}

std::vector<Text> read_side(nb::handle value, bool in_words, const std::string& place) {
  if (in_words) return read_words(value, place);
  std::vector<Text> text;
  text.push_back(read_text(value, place));
  return text;
}

/// Two texts in one: ("a", "b"); of words: (["a"], ["b"]).
bool is_pair(nb::handle value, bool in_words) {
  if (!is_list(value) || nb::len(value) != 2) return false;
  return !in_words || is_list(nb::object(value[0]));
}

}  // namespace

Item read_item(nb::handle text, nb::handle pair, bool in_words, const Place& place) {
  Item item;
  item.in_words = in_words;
  item.is_pair = !pair.is_none();
  if (item.is_pair) {
    item.first = read_side(text, in_words, name_of(place, false));
    item.second = read_side(pair, in_words, name_of(place, true));
  } else if (is_pair(text, in_words)) {
    item.is_pair = true;
    item.first = read_side(nb::object(text[0]), in_words, name_of(place, false) + "[0]");
    item.second = read_side(nb::object(text[1]), in_words, name_of(place, false) + "[1]");
  } else {
    item.first = read_side(text, in_words, name_of(place, false));
  }
  return item;
}

namespace {

/// Characters before a byte of a text.
class CharacterCount {
 public:
  explicit CharacterCount(const Text& text) {
    if (static_cast<std::int64_t>(text.utf8.size()) == text.characters) return;  // ASCII
    counts_.reserve(text.utf8.size() + 1);
    std::int32_t count = 0;
    for (const char byte : text.utf8) {
      counts_.push_back(count);
      if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80U) ++count;
    }
    counts_.push_back(count);
  }
  [[nodiscard]] std::int64_t before(std::int64_t byte) const {
    return counts_.empty() ? byte : counts_[static_cast<std::size_t>(byte)];
  }

 private:
  std::vector<std::int32_t> counts_;
};

}  // namespace

void count_characters(const Item& item, Encoding& encoding) {
  const Text* counted = nullptr;
  std::optional<CharacterCount> count;
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    if (!encoding.sequence_ids[i]) continue;
    const std::vector<Text>& side = *encoding.sequence_ids[i] == 0 ? item.first : item.second;
    const Text& text = side[item.in_words ? static_cast<std::size_t>(*encoding.word_ids[i]) : 0];
    if (&text != counted) count.emplace(text);
    counted = &text;
    encoding.offsets[i] = {count->before(encoding.offsets[i].begin), count->before(encoding.offsets[i].end)};
  }
}

}  // namespace attnscope::python
