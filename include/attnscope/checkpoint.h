// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope {

/// One entry of a safetensors header, validated.
struct TensorEntry {
  std::string name;
  std::string dtype;                ///< one of the 22 names of the format, "F32" and so on
  std::vector<std::int64_t> shape;  ///< rank at most 32
  std::uint64_t begin = 0;          ///< bytes from the start of the data
  std::uint64_t end = 0;
};

struct SafetensorsOptions {
  std::size_t max_tensors = 2'000'000;
};

/// A validated safetensors file. There is no way to an entry that was not validated.
///
/// Rules: those of the reference reader, and stricter: duplicate keys are refused, rank is at most 32.
class SafetensorsFile {
 public:
  /// Reads the file into private memory (a truncated map would be an uncatchable signal).
  /// Throws:  CheckpointError with one of the codes HEADER_SHORT, HEADER_JSON, HEADER_LIMIT,
  ///          HEADER_LENGTH, HEADER_UTF8, HEADER_DEPTH, DUPLICATE_KEY, DTYPE, SHAPE, SHAPE_OVERFLOW,
  ///          OFFSETS, SIZE_MISMATCH, COVERAGE, FILE_LENGTH, METADATA_TYPE; LimitError LIMIT_TENSORS;
  ///          StorageError.
  [[nodiscard]] static SafetensorsFile open(const std::string& path, const SafetensorsOptions& options = {});
  /// Maps the file: only for files that nobody changes (blobs of the hub cache).
  [[nodiscard]] static SafetensorsFile map(const std::string& path, const SafetensorsOptions& options = {});
  /// Memory that stays alive as long as `owner`; `label` names it in errors.
  [[nodiscard]] static SafetensorsFile from_memory(std::shared_ptr<const void> owner, const std::byte* data,
                                                   std::size_t size_bytes, const std::string& label,
                                                   const SafetensorsOptions& options = {});

  [[nodiscard]] const std::vector<TensorEntry>& entries() const;  ///< in the order of their data
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const;
  [[nodiscard]] const TensorEntry* find(std::string_view name) const;  ///< null if absent
  /// The raw bytes of an entry of this file; not necessarily aligned.
  [[nodiscard]] const std::byte* data(const TensorEntry& entry) const;
  /// The entry as a Tensor that keeps the file's memory alive: the file's own memory if aligned, else a copy.
  /// Throws:  CheckpointError (DTYPE) unless the dtype is F32, F16, BF16 or I64.
  [[nodiscard]] Tensor tensor(const TensorEntry& entry) const;
  [[nodiscard]] const std::string& label() const;  ///< file name for messages

  struct Impl;  // private to the library
  explicit SafetensorsFile(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Index (in row-major order) of the first element that is NaN or infinite. Looks at F32, F16 and BF16; an
/// I64 tensor has none.
/// Example:
///   const Tensor weight = file.tensor(*file.find("classifier.weight"));
///   if (const auto index = find_non_finite(weight.view())) report(*index);
[[nodiscard]] std::optional<std::int64_t> find_non_finite(const TensorView& tensor);

}  // namespace attnscope
