// SPDX-License-Identifier: Apache-2.0
#include "texts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "attnscope/error.h"
#include "errors.h"
#include "process.h"

namespace attnscope::cli {
namespace {

[[noreturn]] void fail_reading(const std::string& file, int error) {
  ErrorInfo info;
  info.kind = ErrorKind::input;
  info.code = "TEXT_FILE";
  info.file = file;
  info.what = "cannot read: " + std::generic_category().message(error);
  info.hint = "give a file with one text a line";
  throw StorageError(std::move(info));
}

}  // namespace

class TextReader::Source {
 public:
  virtual ~Source() = default;
  virtual std::optional<InputText> next() = 0;
  [[nodiscard]] virtual std::optional<double> fraction() const = 0;
};

namespace {

class ArgumentTexts : public TextReader::Source {
 public:
  explicit ArgumentTexts(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  std::optional<InputText> next() override {
    if (next_ == texts_.size()) return std::nullopt;
    const std::size_t index = next_++;
    return InputText{texts_[index], "text", static_cast<std::int64_t>(index) + 1};
  }
  [[nodiscard]] std::optional<double> fraction() const override {
    return static_cast<double>(next_) / static_cast<double>(texts_.size());
  }

 private:
  std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

class LineTexts : public TextReader::Source {
 public:
  explicit LineTexts(const std::string& file)
      : file_(file == "-" ? "standard input" : file),
        descriptor_(file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail_reading(file_, errno);
    struct stat found {};
    if (::fstat(descriptor_, &found) == 0 && S_ISREG(found.st_mode)) size_bytes_ = found.st_size;
  }
  ~LineTexts() override {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  std::optional<InputText> next() override {
    std::string line;
    while (!take_line(line)) {
      if (fill()) continue;
      if (line.empty()) return std::nullopt;
      break;  // the last line has no newline
    }
    return InputText{std::move(line), file_, ++number_};
  }
  [[nodiscard]] std::optional<double> fraction() const override {
    if (size_bytes_ <= 0) return std::nullopt;
    const auto waiting = static_cast<std::int64_t>(end_ - begin_);
    return static_cast<double>(read_bytes_ - waiting) / static_cast<double>(size_bytes_);
  }

 private:
  /// Moves what there is of the line out of the buffer; true if its end was there.
  bool take_line(std::string& line) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const std::size_t newline = rest.find('\n');
    line += rest.substr(0, newline);
    begin_ = newline == std::string_view::npos ? end_ : begin_ + newline + 1;
    return newline != std::string_view::npos;
  }

  /// False at the end of the file.
  bool fill() {
    for (;;) {
      const ssize_t count = ::read(descriptor_, buffer_.data(), buffer_.size());
      check_interrupt();
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail_reading(file_, errno);
      begin_ = 0;
      end_ = static_cast<std::size_t>(count);
      read_bytes_ += count;
      return count > 0;
    }
  }

  std::string file_;
  int descriptor_;
  std::int64_t size_bytes_ = 0;
  std::int64_t read_bytes_ = 0;
  std::int64_t number_ = 0;
  std::array<char, 1U << 16U> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

std::unique_ptr<TextReader::Source> open_source(const TextOptions& options) {
  if (!options.texts.empty() && !options.file.empty()) {
    throw usage_error("--file", "a file and texts on the command line exclude each other");
  }
  if (!options.texts.empty()) return std::make_unique<ArgumentTexts>(options.texts);
  if (!options.file.empty()) return std::make_unique<LineTexts>(options.file);
  if (::isatty(STDIN_FILENO) == 0) return std::make_unique<LineTexts>("-");
  throw usage_error("TEXT", "no text given", "write it as an argument, or --file FILE with one text a line");
}

}  // namespace

TextReader::TextReader(const TextOptions& options) : source_(open_source(options)) {}
TextReader::~TextReader() = default;

bool TextReader::has_next() {
  if (!ahead_) ahead_ = source_->next();
  return ahead_.has_value();
}

InputText TextReader::next() {
  InputText text = std::move(ahead_).value();
  ahead_.reset();
  return text;
}

std::optional<double> TextReader::fraction() const { return source_->fraction(); }

}  // namespace attnscope::cli
