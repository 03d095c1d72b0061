// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/trie.h"

#include <utility>

namespace attnscope {
namespace {

constexpr std::size_t kInitialSlots = 1024;  // a power of two

std::uint64_t edge(Trie::Node node, unsigned char byte) { return (std::uint64_t{node} << 8U) | byte; }

}  // namespace

Trie::Trie() : slots_(kInitialSlots), values_(1, kNoValue) {}

std::size_t Trie::slot_of(std::uint64_t key) const {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;  // Fibonacci hashing
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>((key * kGolden) >> 20U) & mask;
  while (slots_[slot].key != key && slots_[slot].key != kFree) slot = (slot + 1) & mask;
  return slot;
}

Trie::Node Trie::child(Node node, unsigned char byte) const {
  return slots_[slot_of(edge(node, byte))].child;
}

Trie::Node Trie::walk(Node node, std::string_view bytes) const {
  for (const char byte : bytes) {
    if (node == kNone) return kNone;
    node = child(node, static_cast<unsigned char>(byte));
  }
  return node;
}

void Trie::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  for (const Slot& slot : old) {
    if (slot.key != kFree) slots_[slot_of(slot.key)] = slot;
  }
}

Trie::Node Trie::add_child(Node node, unsigned char byte) {
  if (values_.size() * 2 >= slots_.size()) grow();
  Slot& slot = slots_[slot_of(edge(node, byte))];
  if (slot.key == kFree) {
    slot = {edge(node, byte), static_cast<Node>(values_.size())};
    values_.push_back(kNoValue);
  }
  return slot.child;
}

void Trie::insert(std::string_view key, std::uint32_t value) {
  Node node = kRoot;
  for (const char byte : key) node = add_child(node, static_cast<unsigned char>(byte));
  values_[node] = value;
}

std::optional<std::uint32_t> Trie::find(std::string_view key) const {
  const Node node = walk(kRoot, key);
  if (node == kNone || values_[node] == kNoValue) return std::nullopt;
  return values_[node];
}

Trie::Match Trie::longest_match(Node node, std::string_view text) const {
  Match best;
  for (std::size_t length = 1; length <= text.size(); ++length) {
    node = child(node, static_cast<unsigned char>(text[length - 1]));
    if (node == kNone) break;
    if (values_[node] != kNoValue) best = {length, values_[node]};
  }
  return best;
}

}  // namespace attnscope
