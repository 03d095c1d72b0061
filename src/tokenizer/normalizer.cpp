// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/normalizer.h"

#include <algorithm>

#include "tokenizer/characters.h"
#include "tokenizer/unicode.h"

namespace attnscope {
namespace {

void append_scalar(char32_t scalar, SourceRange source, NormalizedText& out) {
  append_utf8(out.text, scalar);
  out.sources.resize(out.text.size(), source);
}

}  // namespace

/// One walk over a source text. Decomposition needs memory: a run of combining marks is held back until it
/// can be put into canonical order.
class Normalizer::Pass {
 public:
  Pass(const NormalizerOptions& options, NormalizedText& out) : options_(options), out_(out) {}

  void take(char32_t scalar, SourceRange source) {
    const std::uint16_t properties = unicode::properties(scalar);
    if (options_.clean_text && (properties & unicode::kRemoved) != 0) return;
    if (options_.clean_text && (properties & unicode::kBlanked) != 0) scalar = U' ';
    const bool padded = options_.handle_chinese_chars && (properties & unicode::kCjk) != 0;
    if (padded) strip(U' ', source);
    strip(scalar, source);
    if (padded) strip(U' ', source);
  }

  /// Writes the marks held back.
  void flush() {
    if (pending_.empty()) return;
    std::ranges::stable_sort(pending_, {}, &Mark::rank);
    std::size_t consumed = 0;
    for (const Mark& mark : pending_) {
      if (mark.leads) starter_source_ = pending_sources_[consumed++];
      emit(mark.scalar, starter_source_);
    }
    pending_.clear();
    pending_sources_.clear();
  }

  [[nodiscard]] bool holds_marks() const { return !pending_.empty(); }
  void set_last_source(SourceRange source) { starter_source_ = source; }

 private:
  struct Mark {
    char32_t scalar;
    std::uint8_t rank;
    bool leads;  ///< first scalar of a decomposition: the only kind that takes a source
  };

  void strip(char32_t scalar, SourceRange source) {
    if (!options_.strip_accents) return emit(scalar, source);
    bool leads = true;
    for (const char32_t part : unicode::decompose(scalar)) {
      order(part, source, leads);
      leads = false;
    }
  }

  /// The wheel hands out sources by position: the k-th leading scalar *after* sorting gets the source of the
  /// k-th source character, and any other scalar that of the one before it.
  void order(char32_t scalar, SourceRange source, bool leads) {
    const int rank = unicode::combining_rank(scalar);
    if (rank != 0) {
      pending_.push_back({scalar, static_cast<std::uint8_t>(rank), leads});
      if (leads) pending_sources_.push_back(source);
      return;
    }
    flush();
    if (leads) starter_source_ = source;
    emit(scalar, starter_source_);
  }

  void emit(char32_t scalar, SourceRange source) {
    if (options_.strip_accents && unicode::has(scalar, unicode::kNonspacing)) return;
    if (!options_.lowercase) return append_scalar(scalar, source, out_);
    for (const char32_t part : unicode::lowercase(scalar)) append_scalar(part, source, out_);
  }

  const NormalizerOptions& options_;
  NormalizedText& out_;
  std::vector<Mark> pending_;
  std::vector<SourceRange> pending_sources_;
  SourceRange starter_source_;  ///< source of the leading scalar written last
};

Normalizer::Normalizer(const NormalizerOptions& options) : options_(options) {
  for (unsigned char byte = 0; byte < ascii_.size(); ++byte) {
    NormalizedText out;
    Pass(options_, out).take(byte, {0, 1});
    ascii_[byte] = out.text.empty() ? kDropped : static_cast<unsigned char>(out.text.front());
  }
}

void Normalizer::append(std::string_view source, std::size_t begin, std::size_t end,
                        NormalizedText& out) const {
  out.text.reserve(out.text.size() + (end - begin));
  out.sources.reserve(out.text.size() + (end - begin));
  Pass pass(options_, out);
  while (begin < end) {
    const Utf8Char character = character_at(source, begin);
    const auto length = static_cast<std::size_t>(character.length);
    const SourceRange range{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + length)};
    begin += length;
    if (character.scalar >= ascii_.size()) {
      pass.take(character.scalar, range);
      continue;
    }
    const unsigned char byte = ascii_[character.scalar];
    if (byte == kDropped) continue;
    pass.flush();
    pass.set_last_source(range);
    out.text.push_back(static_cast<char>(byte));
    out.sources.push_back(range);
  }
  pass.flush();
}

std::string Normalizer::normalize(std::string_view source) const {
  NormalizedText out;
  append(source, 0, source.size(), out);
  return std::move(out.text);
}

}  // namespace attnscope
