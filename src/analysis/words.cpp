// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "analysis/matrices.h"
#include "analysis/rows.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

using Range = std::pair<std::int64_t, std::int64_t>;

void check_word_id(const std::vector<std::int64_t>& ids, std::size_t token) {
  const std::int64_t id = ids[token];
  if (id < -1) refuse("WORD_IDS", "word_ids", "token {} has {}, expected -1 (special) or more", token, id);
  if (token > 0 && id >= 0 && id < ids[token - 1])
    refuse("WORD_IDS", "word_ids", "they fall from {} to {} at token {}, expected words in order",
           ids[token - 1], id, token);
}

// Adds the row of one piece of a word, or takes the larger weights, word by word.
void combine_piece(const float* row, const std::vector<Range>& words, WordRule rule, double share,
                   double* to_words) {
  for (const auto& [begin, end] : words) {
    if (rule == WordRule::max)
      *to_words = std::max<double>(*to_words, *std::max_element(row + begin, row + end));
    else
      *to_words += share * std::accumulate(row + begin, row + end, 0.0);
    ++to_words;
  }
}

}  // namespace

std::vector<Range> word_ranges(const std::vector<std::int64_t>& word_ids) {
  std::vector<Range> ranges;
  for (std::size_t token = 0; token < word_ids.size(); ++token) {
    check_word_id(word_ids, token);
    const auto position = static_cast<std::int64_t>(token);
    const bool goes_on = token > 0 && word_ids[token] != -1 && word_ids[token] == word_ids[token - 1];
    if (goes_on)
      ranges.back().second = position + 1;
    else
      ranges.emplace_back(position, position + 1);
  }
  return ranges;
}

Tensor word_attention(const TensorView& weights, const std::vector<std::int64_t>& word_ids, WordRule rule) {
  const Matrices matrices(weights, "weights");
  check_token_count(word_ids.size(), matrices.n(), "word_ids");
  const std::vector<Range> words = word_ranges(word_ids);
  const auto count = static_cast<std::int64_t>(words.size());
  Tensor result(shape_of_stack(matrices.leading(), count));
  float* out = result.mutable_view().f32();
  std::vector<double> row(words.size());
  for (std::int64_t matrix = 0; matrix < matrices.count(); ++matrix) {
    for (const auto& [begin, end] : words) {
      const std::int64_t pieces = rule == WordRule::first ? 1 : end - begin;
      std::fill(row.begin(), row.end(), 0.0);
      for (std::int64_t piece = begin; piece < begin + pieces; ++piece)
        combine_piece(matrices.row(matrix, piece), words, rule, 1.0 / static_cast<double>(pieces),
                      row.data());
      if (rule == WordRule::max) divide_by_sum(row.data(), count);
      out = put_floats(row.data(), count, out);
    }
  }
  return result;
}

}  // namespace attnscope::analysis
