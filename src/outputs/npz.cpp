// SPDX-License-Identifier: Apache-2.0
#include "outputs/array_format.h"
#include "outputs/npy.h"
#include "outputs/zip_writer.h"

namespace attnscope {
namespace {

class Npz : public ArrayFormat {
 public:
  explicit Npz(AtomicFile& file) : zip_(file) {}

  void add(NamedArray array) override {
    if (array.is_strings) {
      add_strings(array.name, npy_strings(array.strings));
    } else {
      const Tensor& tensor = array.tensor;
      const auto count = static_cast<std::size_t>(tensor.count());
      zip_.add(array.name + ".npy", npy_header(tensor), tensor.view().data(),
               count * size_in_bytes(tensor.dtype()));
    }
  }

  void finish(const Metadata& metadata) override {
    if (!metadata.empty()) add_strings("metadata", npy_string(json_of(metadata)));
    zip_.finish();
  }

 private:
  static std::string json_of(const Metadata& metadata) {
    JsonWriter json;
    json.begin_object();
    for (const auto& [key, value] : metadata) json.key(key).value(value);
    return json.end_object().text();
  }

  void add_strings(const std::string& name, const NpyStrings& strings) {
    zip_.add(name + ".npy", strings.header, strings.characters.data(),
             strings.characters.size() * sizeof(char32_t));
  }

  ZipWriter zip_;
};

}  // namespace

std::unique_ptr<ArrayFormat> npz_format(AtomicFile& file) { return std::make_unique<Npz>(file); }

}  // namespace attnscope
