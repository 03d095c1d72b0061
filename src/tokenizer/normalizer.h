// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// Bytes of the source text that a normalized byte stands for.
struct SourceRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Normalized UTF-8 and, for each of its bytes, where it came from.
struct NormalizedText {
  std::string text;
  std::vector<SourceRange> sources;

  void clear() {
    text.clear();
    sources.clear();
  }
  /// Source of a non-empty range of normalized bytes.
  [[nodiscard]] SourceRange source(std::size_t begin, std::size_t end) const {
    return {sources[begin].begin, sources[end - 1].end};
  }
};

/// What BertNormalizer does; all off is no normalizer at all.
struct NormalizerOptions {
  bool clean_text = false;
  bool handle_chinese_chars = false;
  bool strip_accents = false;  ///< resolved: null in the file means "as lowercase"
  bool lowercase = false;
};

/// BertNormalizer of the wheel: clean, blanks around CJK, NFD without nonspacing marks, lower case.
class Normalizer {
 public:
  explicit Normalizer(const NormalizerOptions& options);

  /// Appends bytes [begin, end) of `source` (valid UTF-8), normalized. A range may be normalized piece by
  /// piece if the pieces begin with a starter, for example an ASCII blank.
  void append(std::string_view source, std::size_t begin, std::size_t end, NormalizedText& out) const;
  [[nodiscard]] std::string normalize(std::string_view source) const;

 private:
  class Pass;
  static constexpr unsigned char kDropped = 0xFF;

  NormalizerOptions options_;
  std::array<unsigned char, 128> ascii_{};  ///< what an ASCII byte becomes, or kDropped
};

}  // namespace attnscope
