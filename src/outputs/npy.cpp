// SPDX-License-Identifier: Apache-2.0
#include "outputs/npy.h"

#include <algorithm>
#include <bit>

#include "core/message.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian");

const char* descriptor(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "<f4";
    case DType::f16:
      return "<f2";
    case DType::i64:
      return "<i8";
    case DType::bf16:
      break;
  }
  throw InvalidArgument(problem(ErrorKind::usage, "OUT_DTYPE", "npz")
                            .found("numpy has no {}", name(dtype))
                            .hint("write .safetensors, or convert to F32"));
}

/// Python's tuple: "()", "(9,)", "(6, 12, 9, 9)".
std::string python_tuple(const Shape& shape) {
  std::string text = "(";
  for (int dim = 0; dim < shape.rank(); ++dim) {
    text += fmt::format("{}{}", dim == 0 ? "" : ", ", shape[dim]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

std::string header_of(const std::string& type, const Shape& shape) {
  constexpr std::size_t kAlignment = 64;
  constexpr std::size_t kPrefixBytes = 10;
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, python_tuple(shape));
  const std::size_t unpadded = kPrefixBytes + dictionary.size() + 1;
  dictionary.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  dictionary += '\n';
  std::string header = "\x93NUMPY";
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xFF);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

std::u32string utf32_of(const std::string& text) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::u32string characters;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    characters += character.length == 0 ? kReplacement : character.scalar;
    at += static_cast<std::size_t>(std::max(character.length, 1));
  }
  return characters;
}

NpyStrings padded(const std::vector<std::string>& strings, const Shape& shape) {
  std::vector<std::u32string> decoded;
  std::size_t longest = 1;  // numpy has no strings of length 0
  for (const std::string& text : strings) {
    decoded.push_back(utf32_of(text));
    longest = std::max(longest, decoded.back().size());
  }
  NpyStrings result{header_of(fmt::format("<U{}", longest), shape), {}};
  result.characters.reserve(longest * strings.size());
  for (const std::u32string& text : decoded) {
    result.characters.insert(result.characters.end(), text.begin(), text.end());
    result.characters.insert(result.characters.end(), longest - text.size(), U'\0');
  }
  return result;
}

}  // namespace

std::string npy_header(const Tensor& tensor) { return header_of(descriptor(tensor.dtype()), tensor.shape()); }

NpyStrings npy_strings(const std::vector<std::string>& strings) {
  return padded(strings, Shape{static_cast<std::int64_t>(strings.size())});
}

NpyStrings npy_string(const std::string& text) { return padded({text}, Shape{}); }

}  // namespace attnscope
