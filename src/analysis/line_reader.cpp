// SPDX-License-Identifier: Apache-2.0
#include "analysis/line_reader.h"

#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "attnscope/error.h"
#include "core/message.h"

namespace attnscope::analysis {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

[[noreturn]] void fail_reading(const std::string& path, int error) {
  throw StorageError(problem(ErrorKind::input, "CONLL_FILE", path)
                         .found("cannot read: {}", std::generic_category().message(error))
                         .hint("give a file with a word and its label a line"));
}

}  // namespace

LineReader::LineReader(const std::string& path)
    : path_(path), file_(std::fopen(path.c_str(), "rbe")), buffer_(kBufferBytes) {
  if (!file_) fail_reading(path, errno);
  struct stat found {};
  if (::fstat(::fileno(file_.get()), &found) != 0) fail_reading(path, errno);
  if (S_ISDIR(found.st_mode)) fail_reading(path, EISDIR);
  if (S_ISREG(found.st_mode)) size_bytes_ = found.st_size;
}

bool LineReader::next(std::string& line) {
  line.clear();
  bool any = false;
  while (!take_line(line)) {
    any = any || !line.empty();
    if (line.size() > kMaxLineBytes)
      throw TextError(problem(ErrorKind::input, "CONLL_LINE", path_)
                          .at(fmt::format("line {}", number_ + 1))
                          .found("is longer than {} bytes", kMaxLineBytes)
                          .hint("write one word and its label a line"));
    if (fill()) continue;
    if (!any) return false;
    break;  // the last line has no newline
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (++number_ == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

/// Moves what there is of the line out of the buffer; true if its end was there.
bool LineReader::take_line(std::string& line) {
  const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
  const std::size_t newline = rest.find('\n');
  line += rest.substr(0, newline);
  begin_ = newline == std::string_view::npos ? end_ : begin_ + newline + 1;
  return newline != std::string_view::npos;
}

/// False at the end of the file.
bool LineReader::fill() {
  begin_ = 0;
  end_ = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
  if (end_ == 0 && std::ferror(file_.get()) != 0) fail_reading(path_, errno);
  read_bytes_ += static_cast<std::int64_t>(end_);
  return end_ > 0;
}

std::optional<double> LineReader::fraction() const {
  if (size_bytes_ <= 0) return std::nullopt;
  const auto waiting = static_cast<std::int64_t>(end_ - begin_);
  return static_cast<double>(read_bytes_ - waiting) / static_cast<double>(size_bytes_);
}

}  // namespace attnscope::analysis
