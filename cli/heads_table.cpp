// SPDX-License-Identifier: Apache-2.0
#include "heads_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "aligned_table.h"

namespace attnscope::cli {
namespace {

// Short, so that a line fits a terminal.
std::string title_of(const std::string& name) {
  static const std::map<std::string, std::string> titles{
      {"relative_entropy", "H/ln n"},
      {"distance", "dist"},
      {"previous", "prev"},
      {"punctuation", "punct"},
      {"same_word", "word"},
      {"first_received", "first"},
      {"f1", "F1"},
      {"f1_change", "F1 change"},
  };
  const auto found = titles.find(name);
  return found == titles.end() ? name : found->second;
}

bool is_change(const std::string& name) { return name == "effect" || name == "f1_change"; }

std::string cell_of(const HeadColumn& column, std::size_t head) {
  const double value = column.values[head];
  if (std::isnan(value)) return "nan";
  if (is_change(column.name)) return fmt::format("{:+.4f}", value);
  const bool fine = column.name == "importance" || column.name == "f1";
  return fmt::format("{:.{}f}", value, fine ? 4 : 3);
}

bool from_the_smallest(const std::string& name) {
  return name == "layer" || name == "head" || name == "f1" || name == "f1_change";
}

std::string counted(std::int64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

HeadTable::HeadTable(const HeadReport& report) : report_(report) {
  for (std::size_t head = 0; head < report.heads.size(); ++head) {
    order_.push_back(head);
    const auto numbers = numbers_of(report, report.heads[head]);
    if (head == 0)
      for (const auto& [name, value] : numbers) columns_.push_back({name, {}});
    for (std::size_t column = 0; column < numbers.size(); ++column)
      columns_[column].values.push_back(numbers[column].second);
  }
}

void HeadTable::add(const std::string& name, const Tensor& values) {
  add({name, std::vector<double>(values.f32(), values.f32() + values.count())});
}

void HeadTable::sort(const std::string& name) {
  std::vector<double> keys(report_.heads.size());
  const auto column =
      std::find_if(columns_.begin(), columns_.end(), [&](const HeadColumn& c) { return c.name == name; });
  if (column != columns_.end()) {
    keys = column->values;
  } else {
    for (std::size_t head = 0; head < keys.size(); ++head)
      keys[head] =
          static_cast<double>(name == "layer" ? report_.heads[head].layer : report_.heads[head].head);
  }
  const double sign = from_the_smallest(name) ? 1.0 : -1.0;
  // NaN, which compares with nothing, stands last.
  for (double& key : keys) key = std::isnan(key) ? HUGE_VAL : sign * key;
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t left, std::size_t right) { return keys[left] < keys[right]; });
}

void HeadTable::keep_first(std::size_t count) { order_.resize(std::min(count, order_.size())); }

std::string HeadTable::text() const {
  AlignedTable table;
  table.add_column("layer");
  table.add_column("head");
  table.add_column("pattern", AlignedTable::Align::left);
  for (const HeadColumn& column : columns_) table.add_column(title_of(column.name));
  for (const std::size_t place : order_) {
    const HeadSummary& head = report_.heads[place];
    std::vector<std::string> cells{std::to_string(head.layer), std::to_string(head.head),
                                   analysis::name(head.pattern)};
    for (const HeadColumn& column : columns_) cells.push_back(cell_of(column, place));
    table.add_row(cells);
  }
  return table.text();
}

std::string HeadTable::csv() const {
  std::string text = "layer,head,pattern";
  for (const HeadColumn& column : columns_) text += ',' + column.name;
  text += '\n';
  for (const std::size_t place : order_) {
    const HeadSummary& head = report_.heads[place];
    text += fmt::format("{},{},{}", head.layer, head.head, analysis::name(head.pattern));
    for (const HeadColumn& column : columns_) text += fmt::format(",{:.9g}", column.values[place]);
    text += '\n';
  }
  return text;
}

void HeadTable::write(JsonWriter& json) const {
  json.begin_array();
  for (const std::size_t place : order_) {
    const HeadSummary& head = report_.heads[place];
    json.begin_object().key("layer").value(head.layer).key("head").value(head.head);
    json.key("pattern").value(analysis::name(head.pattern));
    for (const HeadColumn& column : columns_) json.key(column.name).value(column.values[place]);
    json.end_object();
  }
  json.end_array();
}

std::string pattern_summary(const HeadReport& report) {
  std::vector<std::string> parts;
  for (const auto& [pattern, count] : count_patterns(report))
    parts.push_back(fmt::format("{} {}", count, analysis::name(pattern)));
  return fmt::format("{}, {}, {}: {}\n", counted(static_cast<std::int64_t>(report.heads.size()), "head"),
                     counted(report.num_texts, "text"), counted(report.num_rows, "row"),
                     fmt::join(parts, ", "));
}

}  // namespace attnscope::cli
