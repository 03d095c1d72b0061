// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "attnscope/outputs.h"
#include "core/message.h"
#include "outputs/array_format.h"
#include "outputs/atomic_file.h"

namespace attnscope {
namespace {

using FormatMaker = std::unique_ptr<ArrayFormat> (*)(AtomicFile& file);

FormatMaker format_of(const std::string& path) {
  if (path.ends_with(".npz")) return npz_format;
  if (path.ends_with(".safetensors")) return safetensors_format;
  throw InvalidArgument(problem(ErrorKind::usage, "OUT_ENDING", path)
                            .found("the ending says no format that can be written")
                            .hint("end the name in .npz or .safetensors"));
}

}  // namespace

NamedArray NamedArray::of(std::string name, Tensor tensor) {
  return {std::move(name), std::move(tensor), {}, false};
}

NamedArray NamedArray::of(std::string name, std::vector<std::string> strings) {
  return {std::move(name), {}, std::move(strings), true};
}

struct ArrayFile::Impl {
  explicit Impl(const std::string& output_path)
      : path(output_path), make(format_of(output_path)), file(output_path), format(make(file)) {}

  std::string path;
  FormatMaker make;  // before `file`: a wrong ending must not touch the folder
  AtomicFile file;
  std::unique_ptr<ArrayFormat> format;
  std::set<std::string> names;
};

ArrayFile::ArrayFile(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
ArrayFile::ArrayFile(ArrayFile&& other) noexcept = default;
ArrayFile& ArrayFile::operator=(ArrayFile&& other) noexcept = default;
ArrayFile::~ArrayFile() = default;

void ArrayFile::add(NamedArray array) {
  if (!impl_->names.insert(array.name).second) {
    throw InvalidArgument(problem(ErrorKind::usage, "OUT_DUPLICATE", impl_->path)
                              .field(array.name)
                              .found("an array of this name was added before"));
  }
  impl_->format->add(std::move(array));
}

void ArrayFile::commit(const std::map<std::string, std::string>& metadata) {
  impl_->format->finish(metadata);
  impl_->file.commit();
}

void write_arrays(const std::string& path, const std::vector<NamedArray>& arrays,
                  const std::map<std::string, std::string>& metadata) {
  ArrayFile file(path);
  for (const NamedArray& array : arrays) file.add(array);
  file.commit(metadata);
}

void check_output_path(const std::string& path) {
  static_cast<void>(format_of(path));
  check_writable(path);
}

}  // namespace attnscope
