// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace attnscope {

/// Whose fault an error is; the number is the exit code of the command line.
enum class ErrorKind { usage = 2, input = 3, storage = 4, hub = 5, limit = 6 };

/// What every error of attnscope says: where, what was found, what was expected, what to do.
struct ErrorInfo {
  ErrorKind kind = ErrorKind::input;
  std::string code;   ///< stable name for programs, for example "HEADER_JSON"
  std::string file;   ///< file name, or the part of the program ("hooks", "--layers"); may be empty
  std::string where;  ///< "byte 17", "/dim" (a JSON pointer), "line 3"; may be empty
  std::string what;   ///< found and expected
  std::string hint;   ///< what to do; may be empty
  std::optional<std::uint64_t> offset;  ///< byte offset in the file where that is known
  std::string field;                    ///< JSON pointer, tensor name or option; may be empty
};

/// The common face of all exceptions thrown by attnscope; catch it by `const Error&`.
/// `what()` of the concrete exception is "file: where: what; hint" without empty parts.
class Error {
 public:
  explicit Error(ErrorInfo info) : info_(std::move(info)) {}
  virtual ~Error() = default;

  [[nodiscard]] const ErrorInfo& info() const { return info_; }
  [[nodiscard]] const std::string& code() const { return info_.code; }
  [[nodiscard]] int exit_code() const { return static_cast<int>(info_.kind); }

 protected:
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;

 private:
  ErrorInfo info_;
};

/// "file: where: what; hint", parts that are empty left out.
[[nodiscard]] std::string to_string(const ErrorInfo& info);

/// An argument, option or call that cannot be taken. Kind: usage.
class InvalidArgument : public std::invalid_argument, public Error {
 public:
  explicit InvalidArgument(ErrorInfo info) : std::invalid_argument(to_string(info)), Error(std::move(info)) {}
};

/// Base of the errors below: everything that goes wrong at run time.
class RuntimeError : public std::runtime_error, public Error {
 public:
  explicit RuntimeError(ErrorInfo info) : std::runtime_error(to_string(info)), Error(std::move(info)) {}
};

/// A model file (safetensors, config.json, tokenizer files) that is wrong. Kind: input.
class CheckpointError : public RuntimeError {
  using RuntimeError::RuntimeError;
};
/// A model, tokenizer or option of a kind that is not supported. Kind: input.
class UnsupportedModel : public RuntimeError {
  using RuntimeError::RuntimeError;
};
/// A text that cannot be taken (invalid UTF-8, too long). Kind: input.
class TextError : public RuntimeError {
  using RuntimeError::RuntimeError;
};
/// A hook path that matches nothing (kind usage), or a replaced value that does not fit (kind input).
class HookError : public RuntimeError {
  using RuntimeError::RuntimeError;
};
/// A file or directory that cannot be read or written. Kind: storage (input if only reading).
class StorageError : public RuntimeError {
  using RuntimeError::RuntimeError;
};
/// A documented limit that was exceeded. Kind: limit.
class LimitError : public RuntimeError {
  using RuntimeError::RuntimeError;
};
/// A model that is not in the local hub cache. Kind: hub.
class HubError : public RuntimeError {
  using RuntimeError::RuntimeError;
};

}  // namespace attnscope
