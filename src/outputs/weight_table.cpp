// SPDX-License-Identifier: Apache-2.0
#include "attnscope/weight_table.h"

#include <fmt/format.h>

#include <cmath>

#include "core/message.h"
#include "core/poll.h"
#include "outputs/atomic_file.h"
#include "outputs/table_style.h"

namespace attnscope {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 16;

using Numbers = std::vector<std::int64_t>;

[[noreturn]] void refuse(const std::string& found) {
  throw InvalidArgument(problem(ErrorKind::usage, "SHAPE", "weight table").found("{}", found));
}

const TableStyle& style_of(const std::string& path) {
  const TableStyle* const style = table_style_of(path);
  if (style == nullptr)
    throw InvalidArgument(problem(ErrorKind::usage, "OUT_ENDING", path)
                              .found("the ending says no format of a table")
                              .hint("end the name in .csv, .tsv or .jsonl"));
  return *style;
}

std::vector<std::string> columns_of(const TextWeights& text) {
  std::vector<std::string> columns;
  if (text.text) columns.emplace_back("text");
  if (text.window) columns.emplace_back("window");
  columns.emplace_back("layer");
  if (text.weights.rank() == 4) columns.emplace_back("head");
  for (const char* column : {"from", "to", "from_token", "to_token", "weight"}) columns.emplace_back(column);
  return columns;
}

void check(const TextWeights& text) {
  const auto size = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  const std::int64_t n = size(text.tokens);
  const std::int64_t rows = text.rows ? size(*text.rows) : n;
  const bool reduced = text.weights.rank() == 3;
  const Shape expected =
      reduced ? Shape{size(text.layers), rows, n} : Shape{size(text.layers), size(text.heads), rows, n};
  if (text.weights.dtype() != DType::f32 || !(text.weights.shape() == expected))
    refuse(fmt::format("weights are {} {}, expected F32 {}", name(text.weights.dtype()),
                       to_string(text.weights.shape()), to_string(expected)));
  for (std::int64_t row = 0; text.rows && row < rows; ++row) {
    const std::int64_t token = (*text.rows)[static_cast<std::size_t>(row)];
    if (token < 0 || token >= n) refuse(fmt::format("row {} is of token {}, which is not there", row, token));
  }
}

}  // namespace

struct WeightTable::Impl {
  explicit Impl(const std::string& path) : style(style_of(path)), file(path) {}

  void write(std::string_view bytes) {
    block.append(bytes);
    if (block.size() >= kBlockBytes) flush();
  }
  void flush() {
    file.write(std::string_view(block.data(), block.size()));
    block.clear();
  }

  /// The columns are those of the first text.
  void open(const TextWeights& text) {
    const std::vector<std::string> found = columns_of(text);
    if (columns.empty()) {
      columns = found;
      for (const std::string& column : columns)
        leads.push_back(style.lead(column, column == columns.front()));
      write(style.header(columns));
    }
    if (found != columns)
      refuse(fmt::format("a text has the columns {}, expected those of the first, {}", fmt::join(found, ", "),
                         fmt::join(columns, ", ")));
  }

  [[nodiscard]] std::string place_of(const TextWeights& text, std::int64_t layer,
                                     std::optional<std::int64_t> head) const {
    std::string place;
    auto lead = leads.begin();
    for (const std::optional<std::int64_t>& index : {text.text, text.window, std::optional(layer), head})
      if (index) fmt::format_to(std::back_inserter(place), "{}{}", *lead++, *index);
    return place;
  }

  void append_weight(float weight) {
    if (std::isfinite(weight)) {
      fmt::format_to(std::back_inserter(block), "{}", weight);  // the shortest that reads back
    } else {
      if (std::isinf(weight) && weight < 0.0F && style.infinity() == "inf") block.push_back('-');
      block.append(std::isnan(weight) ? style.not_a_number() : style.infinity());
    }
  }

  /// `weights` [rows, n] of one head.
  void write_matrix(const TextWeights& text, const std::string& place, const TensorView& weights,
                    Poll& poll) {
    const std::string* lead = leads.data() + leads.size() - 5;  // of from, to, from_token, to_token, weight
    for (std::int64_t row = 0; row < weights.size(0); ++row) {
      poll.check();
      const std::int64_t from = text.rows ? (*text.rows)[static_cast<std::size_t>(row)] : row;
      const std::string begin = fmt::format("{}{}{}{}", place, lead[0], from, lead[1]);
      const std::string middle = lead[2] + names[static_cast<std::size_t>(from)] + lead[3];
      for (std::int64_t to = 0; to < weights.size(1); ++to) {
        fmt::format_to(std::back_inserter(block), "{}{}{}{}{}", begin, to, middle,
                       names[static_cast<std::size_t>(to)], lead[4]);
        append_weight(weights.at({row, to}));
        write(style.end());
      }
    }
  }

  const TableStyle& style;  // before `file`: a wrong ending must not touch the folder
  AtomicFile file;
  std::vector<std::string> columns;
  std::vector<std::string> leads;  // of each column
  std::vector<std::string> names;  // the tokens of a text as they are written
  fmt::memory_buffer block;
};

WeightTable::WeightTable(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
WeightTable::WeightTable(WeightTable&& other) noexcept = default;
WeightTable& WeightTable::operator=(WeightTable&& other) noexcept = default;
WeightTable::~WeightTable() = default;

void WeightTable::add(const TextWeights& text, const std::function<void()>& poll_function) {
  check(text);
  impl_->open(text);
  impl_->names.clear();
  for (const std::string& token : text.tokens) impl_->names.push_back(impl_->style.text(token));
  Poll poll(poll_function);
  for (std::size_t layer = 0; layer < text.layers.size(); ++layer) {
    const TensorView of_layer = text.weights.select(0, static_cast<std::int64_t>(layer));
    if (of_layer.rank() == 2)
      impl_->write_matrix(text, impl_->place_of(text, text.layers[layer], std::nullopt), of_layer, poll);
    for (std::size_t head = 0; of_layer.rank() == 3 && head < text.heads.size(); ++head)
      impl_->write_matrix(text, impl_->place_of(text, text.layers[layer], text.heads[head]),
                          of_layer.select(0, static_cast<std::int64_t>(head)), poll);
  }
}

void WeightTable::commit() {
  impl_->flush();
  impl_->file.commit();
}

bool is_weight_table(const std::string& path) { return table_style_of(path) != nullptr; }

}  // namespace attnscope
