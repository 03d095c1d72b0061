// SPDX-License-Identifier: Apache-2.0
#include "sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "attnscope/entities.h"
#include "encode.h"
#include "errors.h"
#include "numbers.h"

namespace attnscope::cli {
namespace {

// Sentences are run together up to this many tokens.
constexpr std::size_t kBatchTokens = 1024;

std::optional<std::int64_t> parse_limit(const std::string& limit) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  if (limit.empty()) return std::nullopt;
  return parse_number("--limit", limit, 1, kMost);
}

TextError too_long(const std::string& file, std::int64_t line, std::size_t tokens, std::int64_t limit) {
  ErrorInfo info;
  info.code = "TEXT_TOO_LONG";
  info.file = file;
  info.where = fmt::format("line {}", line);
  info.what = fmt::format("{} tokens, the model takes {}", tokens, limit);
  info.hint = "shorten the sentence, or give --truncate to use its start";
  return TextError(std::move(info));
}

}  // namespace

class SentenceReader::Source {
 public:
  virtual ~Source() = default;
  virtual std::optional<Sentence> next() = 0;
  [[nodiscard]] virtual std::optional<double> fraction() const = 0;
};

namespace {

class PlainSentences : public SentenceReader::Source {
 public:
  PlainSentences(const TextOptions& options, const ComputeOptions& compute, const Model& model)
      : texts_(options), model_(model), encode_(model_.tokenizer(), compute, model.info().max_positions) {}

  std::optional<Sentence> next() override {
    if (!texts_.has_next()) return std::nullopt;
    InputText text = texts_.next();
    Encoding encoding = encode_(text);
    return Sentence{std::move(encoding), {}, std::move(text.file), text.number};
  }
  [[nodiscard]] std::optional<double> fraction() const override { return texts_.fraction(); }

 private:
  TextReader texts_;
  Model model_;  // the encoder refers to its tokenizer
  TextEncoder encode_;
};

class LabelledSentences : public SentenceReader::Source {
 public:
  LabelledSentences(const std::string& file, const ComputeOptions& compute, const Model& model)
      : file_(file), reader_(file), model_(model), limit_(model.info().max_positions) {
    options_.invalid_utf8 = parse_utf8(compute.utf8);
    if (compute.truncate) options_.max_length = limit_;
  }

  std::optional<Sentence> next() override {
    std::optional<LabelledSentence> found = reader_.next();
    if (!found) return std::nullopt;
    Encoding encoding = model_.tokenizer().encode_words(found->words, {}, options_);
    if (encoding.size() > static_cast<std::size_t>(limit_))
      throw too_long(file_, found->line, encoding.size(), limit_);
    return Sentence{std::move(encoding), std::move(found->labels), file_, found->line};
  }
  [[nodiscard]] std::optional<double> fraction() const override { return reader_.fraction(); }

 private:
  std::string file_;
  ConllReader reader_;
  Model model_;
  EncodeOptions options_;
  std::int64_t limit_;
};

}  // namespace

void check_sentences(const SentenceOptions& options) {
  static_cast<void>(parse_limit(options.limit));
  if (!options.labels.empty() && !(options.texts.texts.empty() && options.texts.file.empty()))
    throw usage_error("--labels", "a labelled file holds its texts itself", "leave out TEXT and --file");
}

bool can_read_again(const SentenceOptions& options) {
  if (!options.labels.empty()) return options.labels != "-";
  return !options.texts.texts.empty() || (!options.texts.file.empty() && options.texts.file != "-");
}

SentenceReader::SentenceReader(const SentenceOptions& options, const ComputeOptions& compute,
                               const Model& model)
    : limit_(parse_limit(options.limit)) {
  check_sentences(options);
  if (options.labels.empty()) {
    source_ = std::make_unique<PlainSentences>(options.texts, compute, model);
  } else {
    source_ = std::make_unique<LabelledSentences>(options.labels, compute, model);
  }
}

SentenceReader::~SentenceReader() = default;

std::optional<Sentence> SentenceReader::next() {
  if (limit_ && done_ == *limit_) return std::nullopt;
  ++done_;
  return source_->next();
}

std::vector<Sentence> SentenceReader::next_batch() {
  std::vector<Sentence> batch;
  std::size_t tokens = 0;
  while (tokens < kBatchTokens) {
    std::optional<Sentence> sentence = next();
    if (!sentence) break;
    tokens += sentence->encoding.size();
    batch.push_back(std::move(*sentence));
  }
  return batch;
}

std::optional<double> SentenceReader::fraction() const {
  const std::optional<double> read = source_->fraction();
  if (!limit_) return read;
  return std::max(read.value_or(0.0), static_cast<double>(done_) / static_cast<double>(*limit_));
}

}  // namespace attnscope::cli
