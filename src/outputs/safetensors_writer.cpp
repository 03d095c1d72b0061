// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "outputs/array_format.h"
#include "outputs/safetensors_header.h"

namespace attnscope {
namespace {

SafetensorsEntry entry_of(const NamedArray& array) {
  const Shape& shape = array.tensor.shape();
  const DType dtype = array.tensor.dtype();
  return {array.name, name(dtype), size_in_bytes(dtype), {shape.begin(), shape.end()}};
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
    std::sort(arrays_.begin(), arrays_.end(), [](const NamedArray& a, const NamedArray& b) {
      return stands_before(entry_of(a), entry_of(b));
    });
    strings_.insert(metadata.begin(), metadata.end());
    std::vector<SafetensorsEntry> entries;
    std::size_t data_bytes = 0;
    for (const NamedArray& array : arrays_) {
      entries.push_back(entry_of(array));
      data_bytes += entries.back().size_in_bytes();
    }
    const std::string header = safetensors_header(entries, strings_);
    file_.expect(header.size() + data_bytes);
    file_.write(header);
    for (std::size_t i = 0; i < arrays_.size(); ++i)
      file_.write(arrays_[i].tensor.view().data(), entries[i].size_in_bytes());
  }

 private:
  AtomicFile& file_;
  std::vector<NamedArray> arrays_;
  Metadata strings_;
};

}  // namespace

std::unique_ptr<ArrayFormat> safetensors_format(AtomicFile& file) {
  return std::make_unique<Safetensors>(file);
}

}  // namespace attnscope
