// SPDX-License-Identifier: Apache-2.0
#include "outputs/safetensors_header.h"

#include <algorithm>
#include <cstring>

#include "attnscope/outputs.h"
#include "core/message.h"

namespace attnscope {
namespace {

constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // what readers accept
constexpr std::size_t kCacheLine = 64;

void write_entry(JsonWriter& json, const SafetensorsEntry& entry, std::size_t begin) {
  json.key(entry.name).begin_object();
  json.key("dtype").value(entry.dtype);
  json.key("shape").value(entry.shape);
  json.key("data_offsets")
      .value(std::vector<std::int64_t>{static_cast<std::int64_t>(begin),
                                       static_cast<std::int64_t>(begin + entry.size_in_bytes())});
  json.end_object();
}

void check_size(std::size_t size_bytes) {
  if (size_bytes <= kMaxHeaderBytes) return;
  throw LimitError(problem(ErrorKind::limit, "OUT_HEADER_LIMIT", "safetensors")
                       .found("the header takes {} bytes, readers accept {}", size_bytes, kMaxHeaderBytes)
                       .hint("write fewer texts to a file, or .npz"));
}

}  // namespace

std::size_t SafetensorsEntry::size_in_bytes() const {
  std::size_t size = width_bytes;
  for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
  return size;
}

bool stands_before(const SafetensorsEntry& a, const SafetensorsEntry& b) {
  return a.width_bytes != b.width_bytes ? a.width_bytes > b.width_bytes : a.name < b.name;
}

std::string safetensors_header(const std::vector<SafetensorsEntry>& entries,
                               const std::map<std::string, std::string>& metadata, std::size_t alignment) {
  JsonWriter json;
  json.begin_object();
  if (!metadata.empty()) {
    json.key("__metadata__").begin_object();
    for (const auto& [key, value] : metadata) json.key(key).value(value);
    json.end_object();
  }
  std::size_t begin = 0;
  for (const SafetensorsEntry& entry : entries) {
    write_entry(json, entry, begin);
    begin += entry.size_in_bytes();
  }
  std::string header = json.end_object().text();
  const std::size_t used = (sizeof(std::uint64_t) + header.size()) % alignment;
  header.append((alignment - used) % alignment, ' ');
  check_size(header.size());
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header;
}

std::string safetensors_bytes(std::vector<SafetensorsTensor> tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const SafetensorsTensor& a, const SafetensorsTensor& b) {
    return stands_before(a.entry, b.entry);
  });
  std::vector<SafetensorsEntry> entries;
  std::size_t data_bytes = 0;
  for (const SafetensorsTensor& tensor : tensors) {
    entries.push_back(tensor.entry);
    data_bytes += tensor.entry.size_in_bytes();
  }
  std::string bytes = safetensors_header(entries, {}, kCacheLine);
  bytes.reserve(bytes.size() + data_bytes);
  for (const SafetensorsTensor& tensor : tensors)
    bytes.append(static_cast<const char*>(tensor.data), tensor.entry.size_in_bytes());
  return bytes;
}

}  // namespace attnscope
