// SPDX-License-Identifier: Apache-2.0
#include "outputs/table_style.h"

#include <fmt/format.h>

#include "attnscope/outputs.h"

namespace attnscope {
namespace {

/// Values with one character between them, under a line of names.
class SeparatedStyle : public TableStyle {
 public:
  explicit SeparatedStyle(char separator) : separator_(separator) {}

  [[nodiscard]] std::string header(const std::vector<std::string>& columns) const override {
    return fmt::format("{}\n", fmt::join(columns, std::string(1, separator_)));
  }
  [[nodiscard]] std::string lead(std::string_view, bool is_first) const override {
    return is_first ? std::string() : std::string(1, separator_);
  }

 private:
  char separator_;
};

class CsvStyle : public SeparatedStyle {
 public:
  CsvStyle() : SeparatedStyle(',') {}

  // RFC 4180: in quotes, a quote doubled.
  [[nodiscard]] std::string text(std::string_view value) const override {
    if (value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
    std::string quoted = "\"";
    for (const char character : value) quoted.append(character == '"' ? 2 : 1, character);
    return quoted + '"';
  }
};

class TsvStyle : public SeparatedStyle {
 public:
  TsvStyle() : SeparatedStyle('\t') {}

  [[nodiscard]] std::string text(std::string_view value) const override {
    constexpr std::string_view kEscaped = "\t\n\r\\";
    std::string escaped;
    for (const char character : value) {
      const std::size_t found = kEscaped.find(character);
      if (found == std::string_view::npos)
        escaped += character;
      else
        escaped.append(1, '\\').append(1, "tnr\\"[found]);
    }
    return escaped;
  }
};

class JsonLinesStyle : public TableStyle {
 public:
  [[nodiscard]] std::string header(const std::vector<std::string>&) const override { return ""; }
  [[nodiscard]] std::string lead(std::string_view column, bool is_first) const override {
    return fmt::format("{}\"{}\":", is_first ? '{' : ',', column);
  }
  [[nodiscard]] std::string text(std::string_view value) const override {
    return JsonWriter().value(value).text();
  }
  [[nodiscard]] std::string_view not_a_number() const override { return "null"; }
  [[nodiscard]] std::string_view infinity() const override { return "null"; }
  [[nodiscard]] std::string_view end() const override { return "}\n"; }
};

}  // namespace

const TableStyle* table_style_of(std::string_view path) {
  static const CsvStyle csv;
  static const TsvStyle tsv;
  static const JsonLinesStyle json_lines;
  if (path.ends_with(".csv")) return &csv;
  if (path.ends_with(".tsv")) return &tsv;
  if (path.ends_with(".jsonl")) return &json_lines;
  return nullptr;
}

}  // namespace attnscope
