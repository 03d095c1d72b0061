// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/template_json.h"

#include <algorithm>

#include "tokenizer/definition_checks.h"

namespace attnscope {
namespace {

SpecialToken checked_special(const TokenizerDefinition& definition, const std::string& token,
                             const JsonPlace& id_place) {
  const std::uint32_t expected = require_token(definition, token, id_place.file());
  const std::uint32_t id = id_place.token_id(token);
  if (id == expected) return {token, id};
  throw CheckpointError(id_place.problem("TOK_TEMPLATE")
                            .found("special token '{}' has id {}, in the vocabulary {}", token, id, expected)
                            .hint("make the template agree with the vocabulary"));
}

/// One entry of special_tokens: a name in the template stands for one or more tokens.
std::vector<SpecialToken> read_special(const JsonPlace& entry, const TokenizerDefinition& definition) {
  const auto ids = entry.require("ids").items();
  const auto tokens = entry.require("tokens").items();
  if (ids.size() != tokens.size()) {
    throw CheckpointError(entry.problem("TOK_TEMPLATE")
                              .found("has {} ids and {} tokens", ids.size(), tokens.size())
                              .hint("give one token for each id"));
  }
  std::vector<SpecialToken> specials;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    specials.push_back(checked_special(definition, tokens[i].string(), ids[i]));
  }
  return specials;
}

/// Reads the templates of a TemplateProcessing.
class TemplateReader {
 public:
  TemplateReader(const JsonPlace& processor, const TokenizerDefinition& definition)
      : special_tokens_(processor.require("special_tokens")), definition_(definition) {}

  [[nodiscard]] Template read(const JsonPlace& place) const {
    Template pieces;
    for (const JsonPlace& item : place.items()) pieces.push_back(read_piece(item));
    return pieces;
  }

 private:
  [[nodiscard]] TemplatePiece read_piece(const JsonPlace& item) const {
    if (const auto sequence = item.find("Sequence")) return read_sequence(*sequence);
    const JsonPlace special = item.require("SpecialToken");
    const JsonPlace name = special.require("id");
    const auto entry = special_tokens_.find(name.string());
    if (!entry) {
      throw CheckpointError(name.problem("TOK_TEMPLATE")
                                .found("'{}' is not among the special tokens of the template", name.string())
                                .hint("add it to /post_processor/special_tokens"));
    }
    return {TemplatePiece::Kind::specials, special.require("type_id").integer(),
            read_special(*entry, definition_)};
  }

  [[nodiscard]] static TemplatePiece read_sequence(const JsonPlace& sequence) {
    const JsonPlace id = sequence.require("id");
    const std::int64_t type_id = sequence.require("type_id").integer();
    if (id.string() == "A") return {TemplatePiece::Kind::first, type_id, {}};
    if (id.string() == "B") return {TemplatePiece::Kind::second, type_id, {}};
    throw CheckpointError(id.problem("TOK_TEMPLATE")
                              .found("sequence '{}', expected 'A' or 'B'", id.string())
                              .hint("use A or B"));
  }

  JsonPlace special_tokens_;
  const TokenizerDefinition& definition_;
};

/// Each text stands in a template at most once, and only the pair has a second one.
void check_sequences(const Template& pieces, std::ptrdiff_t seconds_allowed, const JsonPlace& place) {
  const auto count = [&](TemplatePiece::Kind kind) {
    return std::ranges::count(pieces, kind, &TemplatePiece::kind);
  };
  if (count(TemplatePiece::Kind::first) <= 1 && count(TemplatePiece::Kind::second) <= seconds_allowed) return;
  throw CheckpointError(place.problem("TOK_TEMPLATE")
                            .found("uses a text twice, or the second text where there is only one")
                            .hint("use A once, and B once in the pair"));
}

PostProcessor read_template_processing(const JsonPlace& place, const TokenizerDefinition& definition) {
  const TemplateReader reader(place, definition);
  const JsonPlace single = place.require("single");
  const JsonPlace pair = place.require("pair");
  PostProcessor result{reader.read(single), reader.read(pair)};
  check_sequences(result.single, 0, single);
  check_sequences(result.pair, 1, pair);
  return result;
}

/// "sep": ["[SEP]", 102]
SpecialToken read_named_token(const JsonPlace& place, const TokenizerDefinition& definition) {
  const auto parts = place.items();
  if (parts.size() == 2) return checked_special(definition, parts[0].string(), parts[1]);
  throw CheckpointError(place.problem("TOK_TEMPLATE")
                            .found("has {} items, expected a token and its id", parts.size())
                            .hint("write it as [\"[SEP]\", 102]"));
}

}  // namespace

PostProcessor read_post_processor(const JsonPlace& place, const TokenizerDefinition& definition) {
  const std::string type = place.type();
  if (type == "TemplateProcessing") return read_template_processing(place, definition);
  if (type == "BertProcessing") {
    return PostProcessor::bert(read_named_token(place.require("cls"), definition),
                               read_named_token(place.require("sep"), definition));
  }
  if (type == "Sequence") {
    const auto processors = place.require("processors").items();
    if (processors.empty()) return PostProcessor::none();
    if (processors.size() == 1) return read_post_processor(processors.front(), definition);
  }
  place.refuse_kind("post-processor", type);
}

}  // namespace attnscope
