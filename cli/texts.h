// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attnscope::cli {

/// Where texts come from: the arguments, a file with one text a line ("-": standard input), or standard input
/// when neither is given and it is not a terminal.
struct TextOptions {
  std::vector<std::string> texts;
  std::string file;
};

struct InputText {
  std::string text;
  std::string file;         ///< of the line; "text" for an argument
  std::int64_t number = 0;  ///< from 1
};

/// Hands out one text after another in constant memory. Lines end at '\n' only; an empty line is an empty
/// text, and the last line counts without its '\n'.
class TextReader {
 public:
  /// Throws:  InvalidArgument if there is nothing to read; StorageError if the file cannot be opened.
  explicit TextReader(const TextOptions& options);
  ~TextReader();
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  [[nodiscard]] bool has_next();
  [[nodiscard]] InputText next();
  /// Part of the input that was read, 0 to 1; empty where the whole is not known (a pipe).
  [[nodiscard]] std::optional<double> fraction() const;

  class Source;

 private:
  std::unique_ptr<Source> source_;
  std::optional<InputText> ahead_;
};

}  // namespace attnscope::cli
