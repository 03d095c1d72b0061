// SPDX-License-Identifier: Apache-2.0
#include "padded_layout.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace attnscope::python {
namespace {

const std::int64_t* row_of(const Tensor& ids, std::int64_t text) {
  return ids.i64() + (ids.size(0) == 1 ? 0 : text) * ids.size(1);
}

std::vector<std::int64_t> chosen(const std::int64_t* row, const std::vector<std::int64_t>& columns) {
  std::vector<std::int64_t> values;
  values.reserve(columns.size());
  for (const std::int64_t column : columns) values.push_back(row[column]);
  return values;
}

Tensor chosen_rows(const TensorView& rows, const std::vector<std::int64_t>& columns) {
  const std::int64_t width = rows.size(1);
  Tensor result({static_cast<std::int64_t>(columns.size()), width});
  float* target = result.mutable_view().f32();
  for (const std::int64_t column : columns) {
    std::copy_n(rows.f32() + column * width, width, target);
    target += width;
  }
  return result;
}

/// A tensor seen as [before, tokens (, tokens), after]: what lies before and after its token dimensions.
struct Blocks {
  std::int64_t before = 1;
  std::int64_t after_bytes;

  Blocks(const TensorView& tensor, const std::vector<int>& token_dims)
      : after_bytes(static_cast<std::int64_t>(size_in_bytes(tensor.dtype()))) {
    for (int dim = 0; dim < tensor.rank(); ++dim) {
      if (dim < token_dims.front()) before *= tensor.size(dim);
      if (dim > token_dims.back()) after_bytes *= tensor.size(dim);
    }
  }
};

/// The places of a text's tokens in padded dimensions of `padded_length`.
struct Places {
  const std::vector<std::int64_t>& columns;
  std::int64_t shown;  // the tokens after these are passed over
  std::int64_t padded_length;
};

// One block of [tokens, after]: copy(compact offset, padded offset, bytes) for each token that shows.
template <class Copy>
std::int64_t copy_tokens(const Places& places, std::int64_t compact, std::int64_t padded, std::int64_t bytes,
                         const Copy& copy) {
  for (std::int64_t token = 0; token < places.shown; ++token)
    copy(compact + token * bytes, padded + places.columns[static_cast<std::size_t>(token)] * bytes, bytes);
  return compact + static_cast<std::int64_t>(places.columns.size()) * bytes;
}

// The same for a whole text with one token dimension or two.
template <class Copy>
void for_each_block(const Blocks& blocks, const Places& places, bool is_square, const Copy& copy) {
  const std::int64_t row_bytes = places.padded_length * blocks.after_bytes;
  std::int64_t compact = 0;
  for (std::int64_t block = 0; block < blocks.before; ++block) {
    if (!is_square) compact = copy_tokens(places, compact, block * row_bytes, blocks.after_bytes, copy);
    const std::size_t rows = is_square ? places.columns.size() : 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const Places in_row{places.columns, static_cast<std::int64_t>(row) < places.shown ? places.shown : 0,
                          places.padded_length};
      const std::int64_t start = (block * places.padded_length + places.columns[row]) * row_bytes;
      compact = copy_tokens(in_row, compact, start, blocks.after_bytes, copy);
    }
  }
}

}  // namespace

PaddedLayout::PaddedLayout(const PaddedInputs& inputs, FirstToken first_token) {
  const Tensor& grid = inputs.input_ids.empty() ? inputs.inputs_embeds : inputs.input_ids;
  batch_ = grid.size(0);
  seq_len_ = grid.size(1);
  for (std::int64_t text = 0; text < batch_; ++text) add_text(inputs, text, first_token);
}

PaddedLayout::PaddedLayout(std::vector<Sequence> texts)
    : batch_(static_cast<std::int64_t>(texts.size())), seq_len_(0), sequences_(std::move(texts)) {
  for (const Sequence& text : sequences_)
    seq_len_ = std::max(seq_len_, static_cast<std::int64_t>(text.input_ids.size()));
  for (const Sequence& text : sequences_) {
    columns_.emplace_back(text.input_ids.size());
    std::iota(columns_.back().begin(), columns_.back().end(), std::int64_t{0});
    hidden_.push_back(0);
    is_dense_ = is_dense_ && static_cast<std::int64_t>(text.input_ids.size()) == seq_len_;
  }
}

void PaddedLayout::add_text(const PaddedInputs& inputs, std::int64_t text, FirstToken first_token) {
  const std::int64_t* mask = inputs.attention_mask.empty() ? nullptr : row_of(inputs.attention_mask, text);
  std::vector<std::int64_t> columns;
  for (std::int64_t column = 0; column < seq_len_; ++column)
    if (mask == nullptr || mask[column] != 0) columns.push_back(column);
  is_dense_ = is_dense_ && static_cast<std::int64_t>(columns.size()) == seq_len_;

  Sequence sequence;
  const bool reads_padding = first_token == FirstToken::pooled && !columns.empty() && columns.front() != 0;
  if (reads_padding) {
    columns.push_back(0);
    sequence.num_unattended = 1;
    sequence.pooled_token = static_cast<std::int64_t>(columns.size()) - 1;
  }
  if (!inputs.input_ids.empty()) sequence.input_ids = chosen(row_of(inputs.input_ids, text), columns);
  if (!inputs.token_type_ids.empty())
    sequence.token_type_ids = chosen(row_of(inputs.token_type_ids, text), columns);
  sequence.position_ids =
      inputs.position_ids.empty() ? columns : chosen(row_of(inputs.position_ids, text), columns);
  if (!inputs.inputs_embeds.empty())
    sequence.inputs_embeds = chosen_rows(inputs.inputs_embeds.view().select(0, text), columns);
  sequences_.push_back(std::move(sequence));
  hidden_.push_back(reads_padding ? 1 : 0);
  columns_.push_back(std::move(columns));
}

Shape PaddedLayout::padded_shape(const Shape& of_text, const std::vector<int>& token_dims) const {
  Shape shape = of_text;
  for (const int dim : token_dims) shape[dim] = seq_len_;
  return shape.with_front(batch_);
}

void PaddedLayout::place(const TensorView& of_text, const std::vector<int>& token_dims, std::int64_t text,
                         Tokens tokens, const MutableTensorView& target) const {
  const auto* source = static_cast<const std::byte*>(of_text.data());
  auto* memory = static_cast<std::byte*>(const_cast<void*>(static_cast<const TensorView&>(target).data()));
  if (token_dims.empty() || is_dense_) {
    std::memcpy(memory, source, static_cast<std::size_t>(of_text.count()) * size_in_bytes(of_text.dtype()));
    return;
  }
  const auto& columns = columns_[static_cast<std::size_t>(text)];
  const std::int64_t passed_over = tokens == Tokens::all ? 0 : hidden_[static_cast<std::size_t>(text)];
  const Places places{columns, static_cast<std::int64_t>(columns.size()) - passed_over, seq_len_};
  for_each_block(Blocks(of_text, token_dims), places, token_dims.size() == 2,
                 [&](std::int64_t compact, std::int64_t padded, std::int64_t bytes) {
                   std::memcpy(memory + padded, source + compact, static_cast<std::size_t>(bytes));
                 });
}

Tensor PaddedLayout::part(const TensorView& padded, const std::vector<int>& token_dims,
                          std::int64_t text) const {
  const TensorView of_text = padded.select(0, padded.size(0) == 1 ? 0 : text);
  Tensor whole = of_text.own();
  const auto& columns = columns_[static_cast<std::size_t>(text)];
  if (token_dims.empty() || is_dense_) return whole;
  Shape shape = whole.shape();
  for (const int dim : token_dims) shape[dim] = static_cast<std::int64_t>(columns.size());
  Tensor result(shape, whole.dtype());
  const auto* source = static_cast<const std::byte*>(whole.view().data());
  auto* memory = static_cast<std::byte*>(const_cast<void*>(result.view().data()));
  const Places places{columns, static_cast<std::int64_t>(columns.size()), seq_len_};
  for_each_block(Blocks(whole.view(), token_dims), places, token_dims.size() == 2,
                 [&](std::int64_t compact, std::int64_t from, std::int64_t bytes) {
                   std::memcpy(memory + compact, source + from, static_cast<std::size_t>(bytes));
                 });
  return result;
}

Tensor PaddedLayout::padded(const Activation& activation) const {
  if (is_dense_) return activation.own();
  const std::vector<int> token_dims = activation.token_dims();
  Tensor result(padded_shape(activation.text(0).shape(), token_dims), activation.text(0).dtype());
  for (std::int64_t text = 0; text < batch_; ++text)
    place(activation.text(text), token_dims, text, Tokens::all, result.mutable_view().select(0, text));
  return result;
}

Tensor PaddedLayout::padded_once(const Activation& activation) const {
  const std::vector<int> token_dims = activation.token_dims();
  Shape shape = padded_shape(activation.text(0).shape(), token_dims);
  shape[0] = 1;
  Tensor result(shape, activation.text(0).dtype());
  for (std::int64_t text = 0; text < (is_dense_ ? 1 : batch_); ++text)
    place(activation.text(text), token_dims, text, Tokens::all, result.mutable_view().select(0, 0));
  return result;
}

}  // namespace attnscope::python
