// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "core/message.h"
#include "outputs/array_format.h"

namespace attnscope {
namespace {

constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // what readers accept

std::size_t bytes_of(const Tensor& tensor) {
  return static_cast<std::size_t>(tensor.count()) * size_in_bytes(tensor.dtype());
}

/// Wide types first, so that everything is aligned without holes; then by name.
bool stands_before(const NamedArray& a, const NamedArray& b) {
  const std::size_t width_a = size_in_bytes(a.tensor.dtype());
  const std::size_t width_b = size_in_bytes(b.tensor.dtype());
  return width_a != width_b ? width_a > width_b : a.name < b.name;
}

void write_entry(JsonWriter& json, const NamedArray& array, std::int64_t begin) {
  const Shape& shape = array.tensor.shape();
  json.key(array.name).begin_object();
  json.key("dtype").value(name(array.tensor.dtype()));
  json.key("shape").value(std::vector<std::int64_t>(shape.begin(), shape.end()));
  json.key("data_offsets")
      .value(std::vector<std::int64_t>{begin, begin + static_cast<std::int64_t>(bytes_of(array.tensor))});
  json.end_object();
}

class Safetensors : public ArrayFormat {
 public:
  explicit Safetensors(AtomicFile& file) : file_(file) {}

  void add(NamedArray array) override {
    if (array.is_strings) {
      JsonWriter json;
      strings_[array.name] = json.value(array.strings).text();
    } else {
      arrays_.push_back(std::move(array));
    }
  }

  void finish(const Metadata& metadata) override {
    std::sort(arrays_.begin(), arrays_.end(), stands_before);
    strings_.insert(metadata.begin(), metadata.end());
    const std::string header = header_text();
    const std::uint64_t header_bytes = header.size();
    file_.expect(sizeof header_bytes + header_bytes + data_bytes_);
    file_.write(&header_bytes, sizeof header_bytes);
    file_.write(header);
    for (const NamedArray& array : arrays_) file_.write(array.tensor.view().data(), bytes_of(array.tensor));
  }

 private:
  std::string header_text() {
    JsonWriter json;
    json.begin_object();
    if (!strings_.empty()) {
      json.key("__metadata__").begin_object();
      for (const auto& [key, value] : strings_) json.key(key).value(value);
      json.end_object();
    }
    for (const NamedArray& array : arrays_) {
      write_entry(json, array, static_cast<std::int64_t>(data_bytes_));
      data_bytes_ += bytes_of(array.tensor);
    }
    std::string header = json.end_object().text();
    header.append((8 - header.size() % 8) % 8, ' ');
    if (header.size() > kMaxHeaderBytes) refuse_header(header.size());
    return header;
  }

  [[noreturn]] static void refuse_header(std::size_t size_bytes) {
    throw LimitError(problem(ErrorKind::limit, "OUT_HEADER_LIMIT", "safetensors")
                         .found("the header takes {} bytes, readers accept {}", size_bytes, kMaxHeaderBytes)
                         .hint("write fewer texts to a file, or .npz"));
  }

  AtomicFile& file_;
  std::vector<NamedArray> arrays_;
  Metadata strings_;
  std::uint64_t data_bytes_ = 0;
};

}  // namespace

std::unique_ptr<ArrayFormat> safetensors_format(AtomicFile& file) {
  return std::make_unique<Safetensors>(file);
}

}  // namespace attnscope
