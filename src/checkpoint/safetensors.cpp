// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>

#include "attnscope/checkpoint.h"
#include "attnscope/error.h"
#include "checkpoint/header_parser.h"
#include "checkpoint/header_rules.h"
#include "checkpoint/shown.h"
#include "core/files.h"
#include "core/memory.h"
#include "core/message.h"

namespace attnscope {

struct SafetensorsFile::Impl {
  std::string label;
  FileBytes bytes;
  SafetensorsHeader header;
  std::vector<std::uint32_t> by_name;                           // indices of entries, sorted by name
  std::map<std::uint64_t, std::shared_ptr<const void>> owners;  // of large entries, by their first byte

  // From then on the memory of a large entry goes when neither the file nor a tensor needs it any more.
  void own_large_entries();
  [[nodiscard]] const std::shared_ptr<const void>& owner(const TensorEntry& entry) const {
    const auto own = owners.find(entry.begin);
    return own == owners.end() ? bytes.owner : own->second;
  }
};

void SafetensorsFile::Impl::own_large_entries() {
  constexpr std::uint64_t kLargeBytes = std::uint64_t{128} << 10;  // below, not worth the system's time
  for (const TensorEntry& entry : header.entries)
    if (entry.end - entry.begin >= kLargeBytes)
      owners.emplace(entry.begin, own_part(bytes, header.data_start + entry.begin, entry.end - entry.begin));
}

namespace {

std::vector<std::uint32_t> sorted_by_name(const std::vector<TensorEntry>& entries) {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return entries[a].name < entries[b].name; });
  return order;
}

std::shared_ptr<SafetensorsFile::Impl> validated(FileBytes bytes, const std::string& label,
                                                 const SafetensorsOptions& options) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data), bytes.size_bytes);
  auto impl = std::make_shared<SafetensorsFile::Impl>();
  impl->label = label;
  impl->header = parse_safetensors_header(text, label, options);
  check_entries(impl->header.entries, bytes.size_bytes - impl->header.data_start, label);
  impl->by_name = sorted_by_name(impl->header.entries);
  impl->bytes = std::move(bytes);
  return impl;
}

SafetensorsFile of_file(FileBytes bytes, const std::string& path, const SafetensorsOptions& options) {
  auto impl = validated(std::move(bytes), path, options);
  impl->own_large_entries();
  return SafetensorsFile(std::move(impl));
}

std::optional<DType> computable_dtype(std::string_view name_in_file) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16, DType::i64})
    if (name_in_file == name(dtype)) return dtype;
  return std::nullopt;
}

// A shape with a 0 in it may hold any other sizes, even such that the strides overflow.
bool strides_fit(const std::vector<std::int64_t>& sizes) {
  std::int64_t product = 1;
  return std::none_of(sizes.begin(), sizes.end(), [&](std::int64_t size) {
    return __builtin_mul_overflow(product, std::max<std::int64_t>(size, 1), &product);
  });
}

[[noreturn]] void refuse(const std::string& label, const char* code, const TensorEntry& entry,
                         const std::string& what) {
  throw CheckpointError(problem(ErrorKind::input, code, label)
                            .at("tensor '" + shown(entry.name) + "'")
                            .field(shown(entry.name))
                            .found("{}", what));
}

bool is_aligned(const void* data, DType dtype) {
  return reinterpret_cast<std::uintptr_t>(data) % size_in_bytes(dtype) == 0;
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::string& path, const SafetensorsOptions& options) {
  return of_file(read_file(path), path, options);
}

SafetensorsFile SafetensorsFile::map(const std::string& path, const SafetensorsOptions& options) {
  return of_file(map_file(path), path, options);
}

SafetensorsFile SafetensorsFile::from_memory(std::shared_ptr<const void> owner, const std::byte* data,
                                             std::size_t size_bytes, const std::string& label,
                                             const SafetensorsOptions& options) {
  // Memory that is always there has no owner, but a tensor without one would be empty.
  if (owner == nullptr) owner = std::make_shared<const char>();
  return SafetensorsFile(validated({std::move(owner), data, size_bytes}, label, options));
}

const std::vector<TensorEntry>& SafetensorsFile::entries() const { return impl_->header.entries; }

const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return impl_->header.metadata; }

const TensorEntry* SafetensorsFile::find(std::string_view name) const {
  const std::vector<TensorEntry>& entries = impl_->header.entries;
  const auto place =
      std::lower_bound(impl_->by_name.begin(), impl_->by_name.end(), name,
                       [&](std::uint32_t i, std::string_view wanted) { return entries[i].name < wanted; });
  return place == impl_->by_name.end() || entries[*place].name != name ? nullptr : &entries[*place];
}

const std::byte* SafetensorsFile::data(const TensorEntry& entry) const {
  return impl_->bytes.data + impl_->header.data_start + entry.begin;
}

Tensor SafetensorsFile::tensor(const TensorEntry& entry) const {
  const std::optional<DType> dtype = computable_dtype(entry.dtype);
  if (!dtype)
    refuse(label(), "DTYPE", entry, fmt::format("is {}, expected F32, F16, BF16 or I64", entry.dtype));
  if (entry.shape.size() > Shape::kMaxRank || !strides_fit(entry.shape))
    refuse(label(), "SHAPE", entry,
           fmt::format("shape [{}] is too large to be used", fmt::join(entry.shape, ", ")));

  const Shape shape(entry.shape);
  if (entry.begin == entry.end) return Tensor(shape, *dtype);
  if (is_aligned(data(entry), *dtype)) return {impl_->owner(entry), data(entry), *dtype, shape};
  const std::shared_ptr<std::byte> copy = allocate_aligned(entry.end - entry.begin);
  std::memcpy(copy.get(), data(entry), entry.end - entry.begin);
  return {copy, copy.get(), *dtype, shape};
}

const std::string& SafetensorsFile::label() const { return impl_->label; }

}  // namespace attnscope
