// SPDX-License-Identifier: Apache-2.0
#include "viewer/fixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/json.h"
#include "viewer/part_reader.h"

// The bits of weights may differ between kinds of CPU, and with them everything that is made of them.
namespace attnscope {
namespace {

constexpr double kTolerance = 1e-4;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether two values agree: numbers that are not whole to the tolerance, everything else exactly.
testing::AssertionResult same_json(const JsonValue& a, const JsonValue& b, const std::string& place) {
  const auto number = a.as_double();
  const auto other = b.as_double();
  if (number && other && !(a.as_int() && b.as_int())) {
    if (std::abs(*number - *other) <= kTolerance * std::max(1.0, std::abs(*number)))
      return testing::AssertionSuccess();
    return testing::AssertionFailure() << place << ": " << *number << " and " << *other;
  }
  const bool same = a.kind() == b.kind() && a.as_bool() == b.as_bool() && a.as_int() == b.as_int() &&
                    a.items().size() == b.items().size() && a.members().size() == b.members().size() &&
                    (!a.is_string() || *a.as_string() == *b.as_string());
  if (!same) return testing::AssertionFailure() << place << " differs";
  for (std::size_t i = 0; i < a.items().size(); ++i)
    if (auto result = same_json(a.items()[i], b.items()[i], json_pointer(place, i)); !result) return result;
  for (std::size_t i = 0; i < a.members().size(); ++i) {
    const auto& member = a.members()[i];
    if (member.key == "generator") continue;  // names the version
    if (member.key != b.members()[i].key) return testing::AssertionFailure() << place << ": keys differ";
    if (auto result = same_json(member.value, b.members()[i].value, json_pointer(place, member.key)); !result)
      return result;
  }
  return testing::AssertionSuccess();
}

/// Codes may fall to the other side of a rounding step.
void expect_same_part(const std::string& made, const std::string& kept) {
  const auto left = read_part(made);
  const auto right = read_part(kept);
  ASSERT_EQ(left.size(), right.size());
  for (const auto& [name, tensor] : left) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(right.contains(name));
    const PartTensor& other = right.at(name);
    ASSERT_EQ(tensor.dtype, other.dtype);
    ASSERT_EQ(tensor.shape, other.shape);
    const bool exact = name == "top_keys";
    const double step = exact ? 0.0 : tensor.dtype != "F32" ? 1.0 : name == "weights" ? 1e-5 : kTolerance;
    for (std::size_t i = 0; i < tensor.values.size(); ++i)
      ASSERT_NEAR(tensor.values[i], other.values[i], step * std::max(1.0, std::abs(other.values[i]))) << i;
  }
}

TEST(ViewerFixture, EqualsWhatIsMadeNow) {
  const std::filesystem::path folder = ATTNSCOPE_VIEWER_FIXTURE;
  std::set<std::string> names;
  for (const auto& [name, bytes] : make_fixture()) {
    SCOPED_TRACE(name);
    names.insert(name);
    const std::string kept = content(folder / name);
    ASSERT_FALSE(kept.empty()) << "write it with write_fixture";
    if (!name.ends_with(".json")) {
      expect_same_part(bytes, kept);
    } else {
      EXPECT_TRUE(same_json(parse_json(bytes).value.value(), parse_json(kept).value.value(), ""));
    }
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(entry, folder).string();
    EXPECT_TRUE(entry.is_directory() || names.contains(name)) << name;
  }
}

}  // namespace
}  // namespace attnscope
