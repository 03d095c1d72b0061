// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/checkpoint.h"
#include "attnscope/outputs.h"
#include "core/files.h"
#include "core/json.h"
#include "core/message.h"
#include "outputs/npy_reader.h"
#include "outputs/zip_reader.h"

namespace attnscope {
namespace {

/// A JSON list of strings, which is how safetensors keeps them.
std::optional<std::vector<std::string>> string_list(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const JsonResult parsed = parse_json(text);
  if (!parsed.value) return std::nullopt;
  std::vector<std::string> strings;
  for (const JsonValue& item : parsed.value->items()) {
    const std::string* const string = item.as_string();
    if (string == nullptr) return std::nullopt;
    strings.push_back(*string);
  }
  return strings;
}

ArrayContents read_safetensors(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  ArrayContents contents;
  for (const TensorEntry& entry : file.entries())
    contents.arrays.push_back(NamedArray::of(entry.name, file.tensor(entry)));
  for (const auto& [key, value] : file.metadata()) {
    if (auto strings = string_list(value)) {
      contents.arrays.push_back(NamedArray::of(key, std::move(*strings)));
    } else {
      contents.metadata[key] = value;
    }
  }
  return contents;
}

std::map<std::string, std::string> metadata_of(const NamedArray& array, const std::string& path) {
  std::map<std::string, std::string> metadata;
  if (array.strings.size() != 1)
    throw CheckpointError(problem(ErrorKind::input, "NPY", path)
                              .field("metadata")
                              .found("{} texts, expected one JSON object", array.strings.size()));
  const JsonValue object = parse_json_file(array.strings.front(), path, "METADATA");
  for (const JsonValue::Member& member : object.members()) {
    if (const std::string* const text = member.value.as_string()) metadata[member.key] = *text;
  }
  return metadata;
}

ArrayContents read_npz(const std::string& path) {
  constexpr std::string_view kEnding = ".npy";
  const FileBytes file = read_file(path);
  const std::string_view bytes(reinterpret_cast<const char*>(file.data), file.size_bytes);
  ArrayContents contents;
  for (const ZipEntry& entry : read_zip(bytes, path)) {
    std::string name = entry.name;
    if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
    NamedArray array = read_npy(name, entry.bytes, path);
    if (name == "metadata" && array.is_strings) {
      contents.metadata = metadata_of(array, path);
    } else {
      contents.arrays.push_back(std::move(array));
    }
  }
  return contents;
}

}  // namespace

const NamedArray* ArrayContents::find(std::string_view name) const {
  const auto found = std::find_if(arrays.begin(), arrays.end(),
                                  [name](const NamedArray& array) { return array.name == name; });
  return found == arrays.end() ? nullptr : &*found;
}

ArrayContents read_arrays(const std::string& path) {
  if (path.ends_with(".npz")) return read_npz(path);
  if (path.ends_with(".safetensors")) return read_safetensors(path);
  throw InvalidArgument(problem(ErrorKind::usage, "IN_ENDING", path)
                            .found("the ending says no format that can be read")
                            .hint("give a file that ends in .npz or .safetensors"));
}

}  // namespace attnscope
