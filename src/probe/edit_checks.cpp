// SPDX-License-Identifier: Apache-2.0
#include "probe/edit_checks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/message.h"

namespace attnscope {
namespace {

using Numbers = std::vector<std::int64_t>;

[[noreturn]] void refuse(const Edit& edit, std::size_t index, const std::string& what,
                         const std::string& hint) {
  throw InvalidArgument(problem(ErrorKind::usage, "EDIT", "edits")
                            .field(described(edit, index))
                            .found("{}", what)
                            .hint("{}", hint));
}

// The first few of a list.
std::string listed(const char* name, const Numbers& numbers) {
  constexpr std::size_t kShown = 5;
  const auto last = numbers.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, numbers.size()));
  return numbers.empty() ? ""
                         : fmt::format(", {} {}{}", name, fmt::join(numbers.begin(), last, ", "),
                                       numbers.size() > kShown ? ", ..." : "");
}

bool has_pairs(EditKind kind) { return kind == EditKind::knock_out || kind == EditKind::zero_weights; }
bool has_value(EditKind kind) { return kind == EditKind::mean_heads || kind == EditKind::patch; }

/// A field that some kinds have and others do not.
struct Field {
  const char* name;
  bool given;
  bool taken;
  bool needed;
};

void check_presence(const Edit& edit, std::size_t index) {
  const bool is_patch = edit.kind == EditKind::patch;
  const Field fields[] = {
      {"layer", edit.layer != 0, !is_patch, false},
      {"heads", !edit.heads.empty(), !is_patch, false},
      {"pairs", !edit.pairs.empty(), has_pairs(edit.kind), has_pairs(edit.kind)},
      {"path", !edit.path.empty(), is_patch, is_patch},
      {"output", edit.output != 0, is_patch, false},
      {"rows", !edit.rows.empty(), is_patch, false},
      {"value", !edit.value.empty(), has_value(edit.kind), has_value(edit.kind)},
  };
  for (const Field& field : fields) {
    if (field.given && !field.taken)
      refuse(edit, index, fmt::format("{} has no field '{}'", name(edit.kind), field.name), "leave it out");
    if (field.needed && !field.given)
      refuse(edit, index, fmt::format("{} needs the field '{}'", name(edit.kind), field.name), "give it");
  }
}

template <class Item>
bool has_twins(std::vector<Item> items) {
  std::sort(items.begin(), items.end());
  return std::adjacent_find(items.begin(), items.end()) != items.end();
}

void check_twins(const Edit& edit, std::size_t index) {
  const char* const twice = has_twins(edit.heads)   ? "head"
                            : has_twins(edit.rows)  ? "row"
                            : has_twins(edit.pairs) ? "pair"
                                                    : nullptr;
  if (twice != nullptr) refuse(edit, index, fmt::format("a {} is named twice", twice), "name each once");
}

void check_value(const Edit& edit, std::size_t index) {
  if (edit.value.empty()) return;
  if (edit.value.dtype() != DType::f32)
    refuse(edit, index, fmt::format("the value is {}, expected F32", name(edit.value.dtype())), "convert it");
  const float* values = edit.value.f32();
  if (!std::all_of(values, values + edit.value.count(), [](float value) { return std::isfinite(value); }))
    refuse(edit, index, "the value holds NaN or infinity", "give finite numbers");
  if (edit.kind != EditKind::mean_heads) return;
  const bool fits =
      edit.value.rank() == 2 &&
      (edit.heads.empty() || edit.value.size(0) == static_cast<std::int64_t>(edit.heads.size()));
  if (!fits)
    refuse(edit, index, fmt::format("the value has shape {}", to_string(edit.value.shape())),
           "give one row a head: [heads, head_dim]");
}

template <class Item>
bool meet(std::vector<Item> left, std::vector<Item> right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  std::vector<Item> both;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
  return !both.empty();
}

// Empty stands for all.
bool meet_or_all(const Numbers& left, const Numbers& right) {
  return left.empty() || right.empty() || meet(left, right);
}

bool write_the_same(const Edit& left, const Edit& right) {
  if (!share_text(left, right)) return false;
  const bool patches = left.kind == EditKind::patch;
  if (patches != (right.kind == EditKind::patch)) return false;
  if (patches)
    return left.path == right.path && left.output == right.output && meet_or_all(left.rows, right.rows);
  if (left.layer != right.layer || !meet_or_all(left.heads, right.heads)) return false;
  // Whole heads leave nothing to pairs.
  return !has_pairs(left.kind) || !has_pairs(right.kind) || meet(left.pairs, right.pairs);
}

}  // namespace

std::string described(const Edit& edit, std::size_t index) {
  const std::string text = edit.text.has_value() ? fmt::format(", text {}", *edit.text) : "";
  if (edit.kind == EditKind::patch)
    return fmt::format("edits[{}] (patch, '{}', output {}{}{})", index, edit.path, edit.output,
                       listed("rows", edit.rows), text);
  return fmt::format("edits[{}] ({}, layer {}{}{})", index, name(edit.kind), edit.layer,
                     listed("heads", edit.heads), text);
}

void check_fields(const Edit& edit, std::size_t index) {
  check_presence(edit, index);
  check_twins(edit, index);
  check_value(edit, index);
  if (edit.output < 0) refuse(edit, index, fmt::format("output {}", edit.output), "count from 0");
  if (edit.text.has_value() && *edit.text < 0)
    refuse(edit, index, fmt::format("text {}", *edit.text), "count from 0, or leave it out for every text");
}

void check_conflicts(const std::vector<Edit>& earlier, const Edit& edit) {
  for (std::size_t i = 0; i < earlier.size(); ++i)
    if (write_the_same(earlier[i], edit))
      refuse_conflict(described(earlier[i], i), described(edit, earlier.size()));
}

void check_fits_model(const Edit& edit, std::size_t index, const ModelInfo& info) {
  if (edit.kind == EditKind::patch) return;
  const auto refuse_range = [&](const char* what, std::int64_t number, std::int64_t count) {
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "edits")
                              .field(described(edit, index))
                              .found("{} {} does not exist", what, number)
                              .hint("choose from 0..{}", count - 1));
  };
  if (edit.layer < 0 || edit.layer >= info.num_layers) refuse_range("layer", edit.layer, info.num_layers);
  for (const std::int64_t head : edit.heads)
    if (head < 0 || head >= info.num_heads) refuse_range("head", head, info.num_heads);
  if (edit.kind != EditKind::mean_heads) return;
  const auto heads = static_cast<std::int64_t>(heads_of(edit, info.num_heads).size());
  const Shape expected{heads, info.hidden_size / info.num_heads};
  if (!(edit.value.shape() == expected))
    refuse(edit, index, fmt::format("the value has shape {}", to_string(edit.value.shape())),
           fmt::format("the model takes {}", to_string(expected)));
}

bool share_text(const Edit& left, const Edit& right) {
  return !left.text.has_value() || !right.text.has_value() || *left.text == *right.text;
}

void refuse_conflict(const std::string& left, const std::string& right) {
  throw InvalidArgument(problem(ErrorKind::usage, "EDIT_CONFLICT", "edits")
                            .field(right)
                            .found("writes what {} writes", left)
                            .hint("leave one of them out, or apply them to different texts"));
}

bool edits_weights(EditKind kind) { return kind == EditKind::uniform_heads || has_pairs(kind); }

std::vector<std::int64_t> heads_of(const Edit& edit, std::int64_t num_heads) {
  if (!edit.heads.empty()) return edit.heads;
  std::vector<std::int64_t> all(static_cast<std::size_t>(num_heads));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

}  // namespace attnscope
