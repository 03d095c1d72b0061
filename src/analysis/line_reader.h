// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attnscope::analysis {

/// Lines of a file in constant memory, without their '\n' or "\r\n"; a byte order mark is skipped.
class LineReader {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

  /// Throws:  StorageError (CONLL_FILE) with the system's words.
  explicit LineReader(const std::string& path);
  /// False at the end.
  /// Throws:  StorageError (CONLL_FILE); TextError (CONLL_LINE) for a line of more than kMaxLineBytes.
  bool next(std::string& line);
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::int64_t number() const { return number_; }  ///< of the line read last, from 1
  [[nodiscard]] std::optional<double> fraction() const;          ///< read so far; nothing for a pipe

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool fill();
  bool take_line(std::string& line);

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::int64_t size_bytes_ = 0;  // 0: not known
  std::int64_t read_bytes_ = 0;
  std::int64_t number_ = 0;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace attnscope::analysis
