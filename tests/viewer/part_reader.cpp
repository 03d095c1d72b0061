// SPDX-License-Identifier: Apache-2.0
#include "viewer/part_reader.h"

#include <cstring>
#include <stdexcept>

#include "core/json.h"

namespace attnscope {
namespace {

template <class Item>
std::vector<double> numbers_of(const std::string& bytes) {
  std::vector<double> values;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Item)) {
    Item item{};
    std::memcpy(&item, bytes.data() + at, sizeof item);
    values.push_back(static_cast<double>(item));
  }
  return values;
}

std::vector<double> numbers_of(const std::string& dtype, const std::string& bytes) {
  if (dtype == "F32") return numbers_of<float>(bytes);
  if (dtype == "U16") return numbers_of<std::uint16_t>(bytes);
  if (dtype == "U8") return numbers_of<std::uint8_t>(bytes);
  throw std::runtime_error("unknown type " + dtype);
}

std::vector<std::int64_t> integers_of(const JsonValue& array) {
  std::vector<std::int64_t> integers;
  for (const JsonValue& item : array.items()) integers.push_back(item.as_int().value());
  return integers;
}

}  // namespace

std::map<std::string, PartTensor> read_part(const std::string& bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  const std::size_t data = sizeof length + static_cast<std::size_t>(length);
  if (data % 64 != 0) throw std::runtime_error("the data begin at " + std::to_string(data));
  const JsonValue header = parse_json(bytes.substr(sizeof length, length)).value.value();
  std::map<std::string, PartTensor> tensors;
  std::size_t used = 0;
  for (const auto& member : header.members()) {
    const std::vector<std::int64_t> range = integers_of(*member.value.find("data_offsets"));
    PartTensor& tensor = tensors[member.key];
    tensor.dtype = *member.value.find("dtype")->as_string();
    tensor.shape = integers_of(*member.value.find("shape"));
    const auto size = static_cast<std::size_t>(range[1] - range[0]);
    tensor.values = numbers_of(tensor.dtype, bytes.substr(data + static_cast<std::size_t>(range[0]), size));
    used += size;
  }
  if (data + used != bytes.size()) throw std::runtime_error("the tensors do not fill the part");
  return tensors;
}

}  // namespace attnscope
