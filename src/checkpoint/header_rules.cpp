// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/header_rules.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "checkpoint/shown.h"
#include "core/message.h"

namespace attnscope {
namespace {

struct DTypeBits {
  std::string_view name;
  std::uint64_t bits;
};

constexpr std::array<DTypeBits, 22> kDTypes{
    {{"BOOL", 8},    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"U8", 8},          {"I8", 8},
     {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
     {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
     {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64}}};

class Rules {
 public:
  Rules(std::uint64_t data_bytes, const std::string& label) : data_bytes_(data_bytes), label_(label) {}

  void check(const TensorEntry& entry) const {
    const std::uint64_t bits = checked_bits(entry);
    if (entry.begin > entry.end)
      refuse("OFFSETS", entry, fmt::format("data_offsets [{}, {}] run backwards", entry.begin, entry.end));
    if (bits % 8 != 0) refuse("SIZE_MISMATCH", entry, fmt::format("{} bits are not whole bytes", bits));
    if (bits / 8 == entry.end - entry.begin) return;
    if (entry.end > data_bytes_)
      refuse("OFFSETS", entry,
             fmt::format("data_offsets [{}, {}] leave the data, which has {} bytes", entry.begin, entry.end,
                         data_bytes_));
    refuse("SIZE_MISMATCH", entry,
           fmt::format("{} of shape [{}] expects {} bytes, its range has {}", entry.dtype,
                       fmt::join(entry.shape, ", "), bits / 8, entry.end - entry.begin));
  }

  void check_coverage(const std::vector<TensorEntry>& entries) const {
    std::uint64_t covered = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].begin != covered) refuse_coverage(entries, i, covered);
      covered = entries[i].end;
    }
    if (covered != data_bytes_)
      throw CheckpointError(problem(ErrorKind::input, "FILE_LENGTH", label_)
                                .found("{} bytes of data, the header describes {}", data_bytes_, covered)
                                .hint("the file is cut or has something appended: fetch it again"));
  }

 private:
  // In the order of the file and with checks at each step, as the reference reader does.
  [[nodiscard]] std::uint64_t checked_bits(const TensorEntry& entry) const {
    const auto* const dtype = std::find_if(kDTypes.begin(), kDTypes.end(),
                                           [&](const DTypeBits& known) { return known.name == entry.dtype; });
    if (dtype == kDTypes.end())
      refuse("DTYPE", entry,
             fmt::format("unknown dtype '{}', expected F32, F16, BF16 or the like", entry.dtype));
    std::uint64_t bits = 1;
    bool overflow = false;
    for (const std::int64_t size : entry.shape)
      overflow |= __builtin_mul_overflow(bits, static_cast<std::uint64_t>(size), &bits);
    overflow |= __builtin_mul_overflow(bits, dtype->bits, &bits);
    if (overflow)
      refuse("SHAPE_OVERFLOW", entry,
             fmt::format("the size of shape [{}] does not fit in 64 bits", fmt::join(entry.shape, ", ")));
    return bits;
  }

  [[noreturn]] void refuse_coverage(const std::vector<TensorEntry>& entries, std::size_t i,
                                    std::uint64_t covered) const {
    const TensorEntry& entry = entries[i];
    const std::string before =
        i == 0 ? "the start of the data" : fmt::format("the end of '{}'", shown(entries[i - 1].name));
    refuse("COVERAGE", entry,
           fmt::format("begins at {}, expected {}, {}: tensors {}", entry.begin, covered, before,
                       entry.begin < covered ? "overlap" : "leave a hole"));
  }

  [[noreturn]] void refuse(const char* code, const TensorEntry& entry, const std::string& what) const {
    throw CheckpointError(problem(ErrorKind::input, code, label_)
                              .at("tensor '" + shown(entry.name) + "'")
                              .field(shown(entry.name))
                              .found("{}", what)
                              .hint("the file is damaged or was written by a faulty program"));
  }

  std::uint64_t data_bytes_;
  const std::string& label_;
};

bool stands_before(const TensorEntry& a, const TensorEntry& b) {
  return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
}

}  // namespace

void check_entries(std::vector<TensorEntry>& entries, std::uint64_t data_bytes, const std::string& label) {
  const Rules rules(data_bytes, label);
  for (const TensorEntry& entry : entries) rules.check(entry);
  std::stable_sort(entries.begin(), entries.end(), stands_before);
  rules.check_coverage(entries);
}

}  // namespace attnscope
