// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/vocab_txt.h"

#include <algorithm>

#include "core/message.h"
#include "tokenizer/characters.h"
#include "tokenizer/unicode.h"

namespace attnscope {
namespace {

constexpr std::size_t kMostNotices = 10;

void require_utf8(std::string_view text, const std::string& file) {
  const auto bad = find_invalid_utf8(text);
  if (!bad) return;
  const auto line = 1 + std::ranges::count(text.substr(0, *bad), '\n');
  throw CheckpointError(problem(ErrorKind::input, "TOK_UTF8", file)
                            .at_byte(*bad)
                            .at(fmt::format("line {}, byte {}", line, *bad))
                            .found("0x{:02X} is not valid UTF-8 here", static_cast<unsigned char>(text[*bad]))
                            .hint("save the vocabulary as UTF-8"));
}

std::string_view without_blanks_at_end(std::string_view line) {
  while (!line.empty()) {
    const std::size_t last = previous_character(line, line.size());
    if (!unicode::has(character_at(line, last).scalar, unicode::kSpace)) break;
    line = line.substr(0, last);
  }
  return line;
}

}  // namespace

VocabTxt read_vocab_txt(std::string_view text, const std::string& file) {
  require_utf8(text, file);
  VocabTxt result;
  std::size_t duplicates = 0;
  for (std::uint32_t id = 0; !text.empty(); ++id) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string token(without_blanks_at_end(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto known = result.vocabulary.id(token);
    if (known && ++duplicates <= kMostNotices) {
      result.notices.push_back(fmt::format("{}: token '{}' stands on lines {} and {}; the later one counts",
                                           file, token, *known + 1, id + 1));
    }
    result.vocabulary.set(token, id);
  }
  if (duplicates > kMostNotices)
    result.notices.push_back(fmt::format("{}: {} tokens stand twice", file, duplicates));
  return result;
}

}  // namespace attnscope
