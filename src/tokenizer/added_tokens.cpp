// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "tokenizer/characters.h"
#include "tokenizer/unicode.h"

namespace attnscope {
namespace {

bool ends_with_word(std::string_view text) {
  if (text.empty()) return false;
  return unicode::has(character_at(text, previous_character(text, text.size())).scalar, unicode::kWord);
}

bool starts_with_word(std::string_view text) {
  return !text.empty() && unicode::has(character_at(text, 0).scalar, unicode::kWord);
}

std::size_t spaces_before(std::string_view text, std::size_t end) {
  while (end > 0) {
    const std::size_t previous = previous_character(text, end);
    if (!unicode::has(character_at(text, previous).scalar, unicode::kSpace)) break;
    end = previous;
  }
  return end;
}

std::size_t spaces_after(std::string_view text, std::size_t begin) {
  while (begin < text.size()) {
    const Utf8Char character = character_at(text, begin);
    if (!unicode::has(character.scalar, unicode::kSpace)) break;
    begin += static_cast<std::size_t>(character.length);
  }
  return begin;
}

/// The segments of one text. A token that takes blanks may reach over the start of the next match: then both
/// stand there, as in the wheel.
class Segments {
 public:
  explicit Segments(std::string_view text) : text_(text) {}

  void take(const AddedToken& token, std::size_t begin, std::size_t end) {
    const bool inside_word = ends_with_word(text_.substr(0, begin)) || starts_with_word(text_.substr(end));
    if (token.single_word && inside_word) return;
    if (token.lstrip) begin = std::max(spaces_before(text_, begin), covered_);
    if (token.rstrip) end = spaces_after(text_, end);
    add_plain(begin);
    segments_.push_back({&token, begin, end});
    covered_ = end;
  }

  std::vector<Segment> finish() {
    add_plain(text_.size());
    return std::move(segments_);
  }

 private:
  void add_plain(std::size_t end) {
    if (covered_ < end) segments_.push_back({nullptr, covered_, end});
  }

  std::string_view text_;
  std::size_t covered_ = 0;
  std::vector<Segment> segments_;
};

}  // namespace

std::uint32_t AddedTokens::id_for(const std::string& content, const Vocabulary& vocabulary) const {
  return vocabulary.id(content).value_or(std::max(next_id_, vocabulary.id_limit()));
}

void AddedTokens::add(AddedToken token) {
  by_content_.emplace(token.content, tokens_.size());
  by_id_.emplace(token.id, tokens_.size());
  next_id_ = std::max(next_id_, token.id + 1);
  tokens_.push_back(std::move(token));
}

const AddedToken* AddedTokens::find(std::string_view content) const {
  const auto found = by_content_.find(std::string(content));
  return found == by_content_.end() ? nullptr : &tokens_[found->second];
}

const AddedToken* AddedTokens::find(std::uint32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second];
}

void AddedTokenMatcher::add(std::string_view pattern, const AddedToken& token) {
  if (pattern.empty() || patterns_.find(pattern)) return;
  patterns_.insert(pattern, static_cast<std::uint32_t>(tokens_.size()));
  tokens_.push_back(&token);
  starts_[static_cast<unsigned char>(pattern.front())] = true;
}

std::vector<Segment> AddedTokenMatcher::split(std::string_view text) const {
  Segments segments(text);
  for (std::size_t position = 0; position < text.size() && !empty();) {
    Trie::Match match;
    if (starts_[static_cast<unsigned char>(text[position])]) {
      match = patterns_.longest_match(Trie::kRoot, text.substr(position));
    }
    if (match.length > 0) segments.take(*tokens_[match.value], position, position + match.length);
    position += std::max<std::size_t>(match.length, 1);
  }
  return segments.finish();
}

}  // namespace attnscope
