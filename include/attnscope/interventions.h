// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attnscope/hooks.h"
#include "attnscope/model.h"

namespace attnscope {

/// What an edit does. `name` and JSON use these words.
enum class EditKind {
  zero_heads,     ///< the heads' contexts become 0: the same as pruning them
  mean_heads,     ///< the heads' contexts become `value` [heads, head_dim], for example a mean over a corpus
  uniform_heads,  ///< the heads attend to all tokens alike
  /// Scores of (query, key) pairs become -inf before the softmax: the rest of a row is scaled up. A row of
  /// which no key is left has weights 0, not NaN.
  knock_out,
  zero_weights,  ///< weights of (query, key) pairs become 0 after the softmax: the rest stays as it is
  patch          ///< the output of a module becomes `value`, in all rows or in some
};
[[nodiscard]] const char* name(EditKind kind);  ///< "zero_heads", ...

/// One change to a forward pass. Positions are tokens of the text, negative ones count from its end.
struct Edit {
  EditKind kind = EditKind::zero_heads;
  std::int64_t layer = 0;                ///< all but patch
  std::vector<std::int64_t> heads = {};  ///< all but patch; empty: every head
  /// knock_out and zero_weights: (query, key).
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs = {};
  std::string path = {};                            ///< patch: the module
  std::int64_t output = 0;                          ///< patch: which of its outputs
  std::vector<std::int64_t> rows = {};              ///< patch: tokens; empty: the whole value
  Tensor value = {};                                ///< patch: [n, width] or [rows, width]; mean_heads
  std::optional<std::int64_t> text = std::nullopt;  ///< of the batch; absent: every text
};

/// Edits to be made together. Two that write the same thing are a conflict.
///
/// Example:
///   Interventions edits;
///   edits.add({.kind = EditKind::zero_heads, .layer = 2, .heads = {5}});
///   const auto applied = edits.apply(run);   // until `applied` goes
///   run("This is a simple example sentence.");
class Interventions {
 public:
  /// Throws:  InvalidArgument: EDIT for fields that the kind does not have or lacks, and for a value that is
  ///          not finite; EDIT_CONFLICT naming both edits if an earlier one writes the same heads, pairs or
  ///          rows of the same text. Edits of whole heads leave nothing to other edits of the same heads.
  void add(Edit edit);
  [[nodiscard]] const std::vector<Edit>& edits() const { return edits_; }

  /// A JSON array of objects; values as {"shape": [..], "data": [..]}. Reading it gives the same edits, bit
  /// for bit.
  [[nodiscard]] std::string to_json() const;
  /// Throws:  InvalidArgument (EDIT_JSON) naming the place by a JSON pointer; as add.
  [[nodiscard]] static Interventions from_json(std::string_view json);
  /// The same from a file of at most 256 MiB.
  /// Throws:  StorageError, LimitError; as from_json, with the file's name.
  [[nodiscard]] static Interventions load(const std::string& path);

  /// Puts the edits into a run as hooks; they go when the result does.
  /// Throws:  InvalidArgument (RANGE) for a layer or head that the model does not have, EDIT_CONFLICT for two
  ///          patches of one module under different paths or a patch of an `attn` leaf whose weights other
  ///          edits change; HookError for a path. The run throws HookError (HOOK_SHAPE) for values that do
  ///          not fit and for positions that a text does not have, (HOOK_INDEX) for a text that is not there.
  [[nodiscard]] std::vector<HookHandle> apply(Run& run) const;

 private:
  std::vector<Edit> edits_;
};

/// Takes the first outputs of modules of a run of `text`, for patching: one tensor a path, as text(0) of the
/// hook. Nothing after the last of them is computed.
/// Throws:  HookError (HOOK_PATH) for a path that does not exist.
[[nodiscard]] std::vector<Tensor> activations(Run& run, const Sequence& text,
                                              const std::vector<std::string>& paths);

}  // namespace attnscope
