// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/header_parser.h"

#include <cstdint>
#include <optional>

#include "checkpoint/shown.h"
#include "core/json_walk.h"
#include "core/message.h"

namespace attnscope {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kMaxRank = 32;
constexpr std::string_view kMetadata = "__metadata__";

enum class Field { other, dtype, shape, data_offsets };

Field field_of(std::string_view key) {
  if (key == "dtype") return Field::dtype;
  if (key == "shape") return Field::shape;
  if (key == "data_offsets") return Field::data_offsets;
  return Field::other;
}

// The header is an object of objects: its values stand at depth 2, the fields of a tensor at 3, the numbers
// in a field at 4. The first thing that is wrong is kept and thrown at the end, so that the walker's own
// findings (a duplicate key explains a second dtype) come first.
class HeaderHandler : public JsonHandler {
 public:
  HeaderHandler(const std::string& label, const SafetensorsOptions& options)
      : label_(label), options_(options) {}

  void begin(JsonValue::Kind container, std::uint64_t offset) override {
    ++depth_;
    if (failed_) return;
    if (depth_ == 1) {
      if (container != JsonValue::Kind::object) refuse("HEADER_JSON", "", offset, "expected an object");
    } else if (depth_ == 2) {
      begin_member(container, offset);
    } else if (in_metadata_) {
      refuse_metadata(offset);
    } else if (depth_ == 3) {
      begin_field(container, offset);
    } else if (depth_ == 4) {
      refuse_item(offset);
    }
  }

  void end() override {
    --depth_;
    if (failed_) return;
    if (depth_ == 1) end_member();
    if (depth_ == 2 && !in_metadata_) end_field();
  }

  void key(std::string_view key, std::uint64_t offset) override {
    if (depth_ == 1) {
      name_ = key;
      name_offset_ = offset;
    } else if (depth_ == 2) {
      key_ = key;
      field_ = field_of(key);
    }
  }

  void scalar(const JsonScalar& scalar) override {
    if (failed_) return;
    if (depth_ == 0) {
      refuse("HEADER_JSON", "", scalar.offset, "expected an object");
    } else if (depth_ == 1) {
      name_ == kMetadata ? refuse_metadata(scalar.offset) : refuse_member(scalar.offset);
    } else if (in_metadata_) {
      metadata_value(scalar);
    } else if (depth_ == 2) {
      field_value(scalar);
    } else if (depth_ == 3) {
      item(scalar);
    }
  }

  SafetensorsHeader take() {
    if (failed_) throw CheckpointError(std::move(*failed_));
    return std::move(header_);
  }

 private:
  void begin_member(JsonValue::Kind container, std::uint64_t offset) {
    in_metadata_ = name_ == kMetadata;
    if (container != JsonValue::Kind::object)
      return in_metadata_ ? refuse_metadata(offset) : refuse_member(offset);
    if (in_metadata_) return;
    if (header_.entries.size() == options_.max_tensors)
      throw LimitError(
          problem(ErrorKind::limit, "LIMIT_TENSORS", label_)
              .at_byte(name_offset_)
              .found("more than {} tensors", options_.max_tensors)
              .hint("raise SafetensorsOptions::max_tensors if the file is meant to be like this"));
    header_.entries.emplace_back().name = name_;
    has_shape_ = has_offsets_ = false;
  }

  void end_member() {
    if (in_metadata_) {
      in_metadata_ = false;
      return;
    }
    const TensorEntry& entry = header_.entries.back();
    if (entry.dtype.empty()) refuse("DTYPE", pointer(), name_offset_, "has no dtype");
    if (!has_shape_) refuse("SHAPE", pointer(), name_offset_, "has no shape");
    if (!has_offsets_) refuse("OFFSETS", pointer(), name_offset_, "has no data_offsets");
  }

  void begin_field(JsonValue::Kind container, std::uint64_t offset) {
    items_ = 0;
    field_offset_ = offset;
    if (field_ == Field::other) return;
    if (field_ == Field::dtype || container != JsonValue::Kind::array) return refuse_field(offset);
    (field_ == Field::shape ? has_shape_ : has_offsets_) = true;
  }

  void end_field() {
    if (field_ == Field::data_offsets && items_ != 2)
      refuse("OFFSETS", field_pointer(), field_offset_, fmt::format("{} numbers, expected 2", items_));
    field_ = Field::other;
  }

  void field_value(const JsonScalar& scalar) {
    if (field_ == Field::other) return;
    if (field_ != Field::dtype || scalar.kind != JsonValue::Kind::string || scalar.text.empty())
      return refuse_field(scalar.offset);
    header_.entries.back().dtype = shown(scalar.text);
  }

  void item(const JsonScalar& scalar) {
    if (field_ == Field::shape) shape_item(scalar);
    if (field_ == Field::data_offsets) offsets_item(scalar);
    ++items_;
  }

  void shape_item(const JsonScalar& scalar) {
    std::vector<std::int64_t>& shape = header_.entries.back().shape;
    if (scalar.kind == JsonValue::Kind::unsigned_integer)
      return refuse("SHAPE_OVERFLOW", item_pointer(), scalar.offset, "a size over 2^63 - 1");
    if (scalar.kind != JsonValue::Kind::integer || scalar.integer < 0) return refuse_item(scalar.offset);
    if (shape.size() == kMaxRank)
      return refuse("SHAPE", field_pointer(), scalar.offset,
                    fmt::format("more than {} dimensions", kMaxRank));
    shape.push_back(scalar.integer);
  }

  void offsets_item(const JsonScalar& scalar) {
    TensorEntry& entry = header_.entries.back();
    const bool is_unsigned = scalar.kind == JsonValue::Kind::unsigned_integer;
    if (!is_unsigned && (scalar.kind != JsonValue::Kind::integer || scalar.integer < 0))
      return refuse_item(scalar.offset);
    const std::uint64_t value =
        is_unsigned ? scalar.unsigned_integer : static_cast<std::uint64_t>(scalar.integer);
    (items_ == 0 ? entry.begin : entry.end) = value;
  }

  void metadata_value(const JsonScalar& scalar) {
    if (scalar.kind != JsonValue::Kind::string) return refuse_metadata(scalar.offset);
    header_.metadata.emplace(key_, scalar.text);
  }

  void refuse_member(std::uint64_t offset) {
    refuse("HEADER_JSON", pointer(), offset, "expected an object with dtype, shape and data_offsets");
  }

  void refuse_metadata(std::uint64_t offset) {
    refuse("METADATA_TYPE", in_metadata_ ? field_pointer() : pointer(), offset,
           "expected an object of strings as metadata");
  }

  void refuse_field(std::uint64_t offset) {
    switch (field_) {
      case Field::dtype:
        return refuse("DTYPE", field_pointer(), offset, "expected a string");
      case Field::shape:
        return refuse("SHAPE", field_pointer(), offset, "expected an array of sizes");
      default:
        return refuse("OFFSETS", field_pointer(), offset, "expected an array of two offsets");
    }
  }

  void refuse_item(std::uint64_t offset) {
    if (field_ == Field::shape)
      refuse("SHAPE", item_pointer(), offset, "expected an integer from 0 to 2^63 - 1");
    if (field_ == Field::data_offsets)
      refuse("OFFSETS", item_pointer(), offset, "expected an integer from 0 to 2^64 - 1");
  }

  void refuse(const char* code, std::string where, std::uint64_t offset, const std::string& what) {
    if (failed_) return;
    failed_ =
        problem(ErrorKind::input, code, label_)
            .at(where.empty() ? fmt::format("byte {}", offset) : fmt::format("byte {} ({})", offset, where))
            .field(std::move(where))
            .found("{}", what)
            .hint("the file is damaged or was written by a faulty program");
    failed_->offset = offset;
  }

  [[nodiscard]] std::string pointer() const { return json_pointer("", shown(name_)); }
  [[nodiscard]] std::string field_pointer() const { return json_pointer(pointer(), shown(key_)); }
  [[nodiscard]] std::string item_pointer() const { return json_pointer(field_pointer(), items_); }

  const std::string& label_;
  const SafetensorsOptions& options_;
  SafetensorsHeader header_;
  std::optional<ErrorInfo> failed_;
  int depth_ = 0;
  bool in_metadata_ = false;
  std::string name_;  // key at depth 1: the tensor
  std::uint64_t name_offset_ = 0;
  std::string key_;  // key at depth 2: the field
  Field field_ = Field::other;
  std::uint64_t field_offset_ = 0;
  std::size_t items_ = 0;  // of the field's array, so far
  bool has_shape_ = false;
  bool has_offsets_ = false;
};

// Little-endian, byte by byte: the file may stand at any address.
std::uint64_t read_length(std::string_view file) {
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) length = (length << 8U) | static_cast<unsigned char>(file[i]);
  return length;
}

[[noreturn]] void refuse_length(const char* code, const std::string& label, std::uint64_t offset,
                                const std::string& what) {
  throw CheckpointError(problem(ErrorKind::input, code, label)
                            .at_byte(offset)
                            .found("{}", what)
                            .hint("the file is cut or no safetensors file: fetch it again"));
}

std::string_view header_text(std::string_view file, const std::string& label) {
  if (file.size() < kLengthBytes)
    refuse_length("HEADER_SHORT", label, 0, fmt::format("{} bytes, need {}", file.size(), kLengthBytes));
  const std::uint64_t length = read_length(file);
  if (length > kMaxHeaderBytes)
    refuse_length(
        "HEADER_LIMIT", label, 0,
        fmt::format("a header of {} bytes is declared, expected at most {}", length, kMaxHeaderBytes));
  if (length > file.size() - kLengthBytes)
    refuse_length("HEADER_LENGTH", label, 0,
                  fmt::format("the header declares {} bytes, the file has {}", length, file.size()));
  if (length == 0) refuse_length("HEADER_JSON", label, kLengthBytes, "empty header");
  return file.substr(kLengthBytes, length);
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view file, const std::string& label,
                                           const SafetensorsOptions& options) {
  const std::string_view text = header_text(file, label);
  JsonLimits limits;
  limits.first_offset = kLengthBytes;
  HeaderHandler handler(label, options);
  if (const auto found = walk_json(text, handler, limits)) throw_json_problem(*found, label, "HEADER");
  SafetensorsHeader header = handler.take();
  header.data_start = kLengthBytes + text.size();
  return header;
}

}  // namespace attnscope
