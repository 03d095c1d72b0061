// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/checkpoint.h"
#include "attnscope/error.h"

namespace attnscope {

/// Length, header and data of a safetensors file, right or wrong.
inline std::string safetensors_bytes(std::string_view header, std::string_view data,
                                     std::uint64_t declared_length) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>((declared_length >> (8 * i)) & 0xFFU);
  bytes += header;
  bytes += data;
  return bytes;
}

inline std::string safetensors_bytes(std::string_view header, std::string_view data = {}) {
  return safetensors_bytes(header, data, header.size());
}

/// The little-endian bytes of some values.
template <class Value>
std::string bytes_of(const std::vector<Value>& values) {
  std::string bytes(values.size() * sizeof(Value), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A right file, tensor by tensor.
class SafetensorsBuilder {
 public:
  SafetensorsBuilder& add(std::string_view name, std::string_view dtype,
                          const std::vector<std::int64_t>& shape, std::string_view data) {
    if (!header_.empty()) header_ += ',';
    header_ += fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", name, dtype,
                           fmt::join(shape, ","), data_.size(), data_.size() + data.size());
    data_ += data;
    return *this;
  }
  SafetensorsBuilder& add(std::string_view name, const std::vector<std::int64_t>& shape,
                          const std::vector<float>& values) {
    return add(name, "F32", shape, bytes_of(values));
  }
  [[nodiscard]] std::string bytes() const { return safetensors_bytes("{" + header_ + "}", data_); }

 private:
  std::string header_;
  std::string data_;
};

inline SafetensorsFile open_bytes(const std::string& bytes, const SafetensorsOptions& options = {}) {
  const auto copy = std::make_shared<const std::string>(bytes);
  return SafetensorsFile::from_memory(copy, reinterpret_cast<const std::byte*>(copy->data()), copy->size(),
                                      "test.safetensors", options);
}

/// The error that a call throws; code "no error" if it throws none.
template <class Failing>
ErrorInfo error_of(const Failing& failing) {
  try {
    failing();
  } catch (const Error& error) {
    return error.info();
  }
  ErrorInfo none;
  none.code = "no error";
  return none;
}

inline ErrorInfo refusal_of(const std::string& bytes) {
  return error_of([&] { (void)open_bytes(bytes); });
}

}  // namespace attnscope
