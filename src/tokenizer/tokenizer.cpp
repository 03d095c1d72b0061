// SPDX-License-Identifier: Apache-2.0
#include "attnscope/tokenizer.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "core/message.h"
#include "core/utf8.h"
#include "tokenizer/assemble.h"
#include "tokenizer/load.h"
#include "tokenizer/tokenizer_impl.h"
#include "tokenizer/utf8_repair.h"

namespace attnscope {
namespace {

constexpr std::size_t kMaxTextBytes =
    std::numeric_limits<std::uint32_t>::max() / 3;  // a bad byte becomes three

/// A text that is valid UTF-8: as given, or repaired.
class ValidText {
 public:
  ValidText(std::string_view text, InvalidUtf8 policy) : given_(text) {
    check_size();
    const auto bad = find_invalid_utf8(text);
    if (!bad) return;
    if (policy == InvalidUtf8::refuse) refuse(*bad);
    repaired_.emplace(text);
  }

  [[nodiscard]] std::string_view view() const {
    return repaired_ ? std::string_view(repaired_->text()) : given_;
  }

  /// Turns offsets in view() into offsets in the text as given.
  void restore_offsets(TextTokens& text) const {
    if (!repaired_) return;
    for (TextToken& token : text.tokens) {
      token.begin = static_cast<std::uint32_t>(repaired_->original_offset(token.begin));
      token.end = static_cast<std::uint32_t>(repaired_->original_offset(token.end));
    }
  }

 private:
  void check_size() const {
    if (given_.size() <= kMaxTextBytes) return;
    throw LimitError(problem(ErrorKind::limit, "TEXT_LIMIT", "text")
                         .found("has {} bytes, the limit is {}", given_.size(), kMaxTextBytes)
                         .hint("split it into several texts"));
  }

  [[noreturn]] void refuse(std::size_t offset) const {
    throw TextError(problem(ErrorKind::input, "TEXT_UTF8", "text")
                        .at_byte(offset)
                        .found("0x{:02X} is not valid UTF-8 here", static_cast<unsigned char>(given_[offset]))
                        .hint("convert the text to UTF-8, or ask for bad bytes to be replaced"));
  }

  std::string_view given_;
  std::optional<RepairedText> repaired_;
};

TextTokens encode_text(const Encoder& encoder, std::string_view given, InvalidUtf8 policy) {
  const ValidText text(given, policy);
  TextTokens tokens = encoder.encode(text.view());
  text.restore_offsets(tokens);
  return tokens;
}

/// Puts the tokens of a word, the `index`-th of its text, after those of the words before it.
void append_word(TextTokens word, std::uint32_t index, TextTokens& text) {
  for (TextTokens::Literal& literal : word.literals) {
    literal.index += text.tokens.size();
    text.literals.push_back(std::move(literal));
  }
  for (TextToken& token : word.tokens) {
    token.word = index;
    text.tokens.push_back(token);
  }
}

TextTokens encode_each(const Encoder& encoder, const std::vector<std::string>& words, InvalidUtf8 policy) {
  TextTokens text;
  std::uint32_t index = 0;
  for (const std::string& word : words) append_word(encode_text(encoder, word, policy), index++, text);
  return text;
}

}  // namespace

Tokenizer Tokenizer::load(const std::string& source) { return load_tokenizer(ModelFiles::locate(source)); }

Tokenizer Tokenizer::from_memory(const std::map<std::string, std::string>& files, const std::string& label) {
  return load_tokenizer(ModelFiles::from_memory(files, label));
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  return assemble(impl_->definition, encode_text(impl_->encoder, text, options.invalid_utf8), nullptr,
                  options);
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second,
                                const EncodeOptions& options) const {
  const TextTokens first_tokens = encode_text(impl_->encoder, first, options.invalid_utf8);
  const TextTokens second_tokens = encode_text(impl_->encoder, second, options.invalid_utf8);
  return assemble(impl_->definition, first_tokens, &second_tokens, options);
}

Encoding Tokenizer::encode_words(const std::vector<std::string>& words,
                                 const std::vector<std::string>& second, const EncodeOptions& options) const {
  const TextTokens first_tokens = encode_each(impl_->encoder, words, options.invalid_utf8);
  if (second.empty()) return assemble(impl_->definition, first_tokens, nullptr, options);
  const TextTokens second_tokens = encode_each(impl_->encoder, second, options.invalid_utf8);
  return assemble(impl_->definition, first_tokens, &second_tokens, options);
}

std::vector<Encoding> Tokenizer::encode_windows(std::string_view text, std::int64_t max_length,
                                                std::int64_t stride, const EncodeOptions& options) const {
  const TextTokens tokens = encode_text(impl_->encoder, text, options.invalid_utf8);
  return assemble_windows(impl_->definition, tokens, {max_length, stride}, options.add_special_tokens);
}

std::int64_t Tokenizer::vocab_size() const {
  const auto& [definition, encoder] = *impl_;
  const auto is_new = [&](const AddedToken& token) { return !definition.vocabulary.id(token.content); };
  return definition.vocabulary.size() + std::ranges::count_if(definition.added_tokens.tokens(), is_new);
}

std::int64_t Tokenizer::id_limit() const {
  std::uint32_t limit = impl_->definition.vocabulary.id_limit();
  for (const AddedToken& token : impl_->definition.added_tokens.tokens())
    limit = std::max(limit, token.id + 1);
  return limit;
}

std::optional<std::int64_t> Tokenizer::token_to_id(std::string_view token) const {
  if (const AddedToken* added = impl_->definition.added_tokens.find(token)) return added->id;
  return impl_->definition.vocabulary.id(token);
}

std::optional<std::string> Tokenizer::id_to_token(std::int64_t id) const {
  if (id < 0 || id > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const auto small = static_cast<std::uint32_t>(id);
  if (const AddedToken* added = impl_->definition.added_tokens.find(small)) return added->content;
  if (const std::string* token = impl_->definition.vocabulary.token(small)) return *token;
  return std::nullopt;
}

std::optional<std::int64_t> Tokenizer::model_max_length() const { return impl_->definition.model_max_length; }

const std::vector<std::string>& Tokenizer::notices() const { return impl_->definition.notices; }

Tokenizer make_tokenizer(TokenizerDefinition definition) {
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(std::move(definition)));
}

}  // namespace attnscope
