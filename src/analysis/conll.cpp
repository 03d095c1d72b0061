// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <utility>

#include "analysis/entity_label.h"
#include "analysis/line_reader.h"
#include "attnscope/entities.h"
#include "attnscope/error.h"
#include "core/message.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMaxWords = 100'000;  // of a sentence: without a limit a file could take all memory

std::string_view without_blanks(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

[[noreturn]] void refuse(const analysis::LineReader& lines, const std::string& what,
                         const std::string& hint) {
  throw TextError(problem(ErrorKind::input, "CONLL_LINE", lines.path())
                      .at(fmt::format("line {}", lines.number()))
                      .found("{}", what)
                      .hint("{}", hint));
}

/// First and last column of a line that has blanks neither before nor behind.
std::pair<std::string, std::string> word_and_label(const analysis::LineReader& lines, std::string_view line) {
  const std::size_t first_end = line.find_first_of(kBlanks);
  if (first_end == std::string_view::npos)
    refuse(lines, fmt::format("'{}' is one column", line), "write the word first and its label last");
  const std::string_view label = line.substr(line.find_last_of(kBlanks) + 1);
  if (!analysis::is_entity_label(label))
    refuse(lines, fmt::format("'{}' is no label", label),
           "write O, or B-, I-, L-, U-, E- or S- with a kind behind it, in the last column");
  return {std::string(line.substr(0, first_end)), std::string(label)};
}

}  // namespace

struct ConllReader::Impl {
  explicit Impl(const std::string& path) : lines(path) {}
  void add(LabelledSentence& sentence, std::string_view line) const;
  analysis::LineReader lines;
};

void ConllReader::Impl::add(LabelledSentence& sentence, std::string_view line) const {
  if (const auto bad = find_invalid_utf8(line))
    refuse(lines, fmt::format("byte {} of the line is not valid UTF-8", *bad), "save the file as UTF-8");
  if (sentence.words.size() == kMaxWords)
    refuse(lines, fmt::format("a sentence of more than {} words", kMaxWords),
           "end each sentence with an empty line");
  auto [word, label] = word_and_label(lines, line);
  if (sentence.words.empty()) sentence.line = lines.number();
  sentence.words.push_back(std::move(word));
  sentence.labels.push_back(std::move(label));
}

ConllReader::ConllReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
ConllReader::ConllReader(ConllReader&&) noexcept = default;
ConllReader::~ConllReader() = default;

std::optional<LabelledSentence> ConllReader::next() {
  LabelledSentence sentence;
  for (std::string line; impl_->lines.next(line);) {
    const std::string_view content = without_blanks(line);
    if (content.empty() && !sentence.words.empty()) return sentence;
    // Within a sentence a line that begins with "# " is the word "#".
    const bool is_comment = line.starts_with("# ") && sentence.words.empty();
    if (!content.empty() && !is_comment && !content.starts_with("-DOCSTART-")) impl_->add(sentence, content);
  }
  if (sentence.words.empty()) return std::nullopt;
  return sentence;
}

std::optional<double> ConllReader::fraction() const { return impl_->lines.fraction(); }

}  // namespace attnscope
