// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace attnscope {

/// Byte strings with a number each, found by walking one byte at a time.
///
/// Cost: one look-up in an open-addressed table a byte.
class Trie {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kNoValue = 0xFFFFFFFF;

  Trie();

  /// A string that is there already keeps the new value.
  void insert(std::string_view key, std::uint32_t value);

  /// kNone if no key goes on that way.
  [[nodiscard]] Node child(Node node, unsigned char byte) const;
  [[nodiscard]] Node walk(Node node, std::string_view bytes) const;
  [[nodiscard]] std::uint32_t value(Node node) const { return values_[node]; }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const;

  struct Match {
    std::size_t length = 0;  ///< 0: nothing matches
    std::uint32_t value = kNoValue;
  };
  /// The longest non-empty key, continued from `node`, that `text` begins with.
  [[nodiscard]] Match longest_match(Node node, std::string_view text) const;

 private:
  struct Slot {
    std::uint64_t key = kFree;
    Node child = kNone;
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};

  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const;
  Node add_child(Node node, unsigned char byte);
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> values_;
};

}  // namespace attnscope
