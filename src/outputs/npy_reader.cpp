// SPDX-License-Identifier: Apache-2.0
#include "outputs/npy_reader.h"

#include <charconv>
#include <cstring>
#include <vector>

#include "core/message.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

/// Reads the parts of one array; a failure names the file and the array.
class NpyReader {
 public:
  NpyReader(const std::string& name, std::string_view bytes, const std::string& label)
      : name_(name), bytes_(bytes), label_(label) {}

  NamedArray read() {
    read_prefix();
    expect("{'descr': '");
    const std::string type(until("'"));
    expect(", 'fortran_order': ");
    if (until(",") != "False") fail("columns that come first", "rows first ('fortran_order': False)");
    expect(" 'shape': (");
    const Shape shape = shape_of(until(")"));
    if (type.starts_with("<U")) return NamedArray::of(name_, strings(type.substr(2), shape));
    return NamedArray::of(name_, tensor(type, shape));
  }

 private:
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw CheckpointError(problem(ErrorKind::input, "NPY", label_)
                              .field(name_)
                              .found("{}, expected {}", found, expected)
                              .hint("write the file with `attnscope run -o`"));
  }

  void expect(std::string_view text) {
    if (!header_.starts_with(text)) fail("a header that is none", "one as numpy writes it");
    header_.remove_prefix(text.size());
  }

  /// What stands before `end`; both are taken.
  std::string_view until(std::string_view end) {
    const std::size_t at = header_.find(end);
    if (at == std::string_view::npos) fail("a header that is none", "one as numpy writes it");
    const std::string_view part = header_.substr(0, at);
    header_.remove_prefix(at + end.size());
    return part;
  }

  void read_prefix() {
    constexpr std::string_view kMagic = "\x93NUMPY";
    const std::size_t length_bytes = bytes_.size() > 6 && bytes_[6] == 1 ? 2 : 4;
    const std::size_t prefix = kMagic.size() + 2 + length_bytes;
    if (!bytes_.starts_with(kMagic) || bytes_.size() < prefix) fail("no npy file", "an array");
    std::size_t length = 0;
    for (std::size_t index = length_bytes; index-- > 0;)
      length = length << 8U | static_cast<unsigned char>(bytes_[kMagic.size() + 2 + index]);
    if (length > bytes_.size() - prefix) fail("a header that is cut off", "an array");
    header_ = bytes_.substr(prefix, length);
    data_ = bytes_.substr(prefix + length);
  }

  Shape shape_of(std::string_view text) {
    std::vector<std::int64_t> sizes;
    std::int64_t count = 1;
    while (!text.empty()) {
      std::int64_t size = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
      const bool fits = error == std::errc() && size >= 0 && sizes.size() < Shape::kMaxRank &&
                        !__builtin_mul_overflow(count, size, &count);
      if (!fits) fail(fmt::format("the shape ({})", text), "sizes of up to 8 dimensions");
      sizes.push_back(size);
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      while (text.starts_with(',') || text.starts_with(' ')) text.remove_prefix(1);
    }
    return Shape(sizes);
  }

  void check_data(const Shape& shape, std::size_t element_bytes) {
    const auto count = static_cast<std::uint64_t>(shape.count());
    if (data_.size() % element_bytes != 0 || count != data_.size() / element_bytes)
      fail(fmt::format("{} bytes of data", data_.size()),
           fmt::format("{} elements of {} bytes", count, element_bytes));
  }

  Tensor tensor(const std::string& type, const Shape& shape) {
    const DType dtype = type == "<f4" ? DType::f32 : type == "<f2" ? DType::f16 : DType::i64;
    if (dtype == DType::i64 && type != "<i8") fail(fmt::format("the type '{}'", type), "<f4, <f2, <i8 or <U");
    check_data(shape, size_in_bytes(dtype));
    const auto memory = std::make_shared<std::vector<std::int64_t>>(data_.size() / 8 + 1);  // aligned for all
    if (!data_.empty()) std::memcpy(memory->data(), data_.data(), data_.size());
    return Tensor::adopt(std::shared_ptr<void>(memory, memory->data()), dtype, shape);
  }

  std::vector<std::string> strings(std::string_view width, const Shape& shape) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(width.data(), width.data() + width.size(), length);
    constexpr std::size_t kMostCharacters = 1U << 28U;
    if (error != std::errc() || end != width.data() + width.size() || length == 0 ||
        length > kMostCharacters || shape.rank() > 1)
      fail(fmt::format("strings '<U{}' in {} dimensions", width, shape.rank()), "a list of strings");
    check_data(shape, 4 * length);
    std::vector<std::string> texts(static_cast<std::size_t>(shape.count()));
    const char* place = data_.data();
    for (std::string& text : texts) {
      std::u32string characters(length, U'\0');
      std::memcpy(characters.data(), place, 4 * length);
      place += 4 * length;
      characters.erase(characters.find_last_not_of(U'\0') + 1);
      for (const char32_t scalar : characters) {
        if (scalar > 0x10FFFF || (scalar >= 0xD800 && scalar < 0xE000))
          fail(fmt::format("the character {:#x}", static_cast<std::uint32_t>(scalar)), "Unicode");
        append_utf8(text, scalar);
      }
    }
    return texts;
  }

  const std::string& name_;
  std::string_view bytes_;
  const std::string& label_;
  std::string_view header_;
  std::string_view data_;
};

}  // namespace

NamedArray read_npy(const std::string& name, std::string_view bytes, const std::string& label) {
  return NpyReader(name, bytes, label).read();
}

}  // namespace attnscope
