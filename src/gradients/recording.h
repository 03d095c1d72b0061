// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "attnscope/model.h"
#include "gradients/changes.h"
#include "nn/batch.h"

namespace attnscope {

/// What the softmax of one layer saw and gave. Rows of all texts one after another; weights of each text
/// [heads, n, n] one after another.
struct AttentionRecord {
  Tensor query;  ///< [tokens, hidden_size]
  Tensor key;
  Tensor value;
  Tensor computed_weights;  ///< the softmax itself
  Tensor weights;           ///< what hooks made of it: the same memory if nothing
  Tensor context;           ///< [tokens, hidden_size]
};

/// Where the tokens of texts stand in one run.
[[nodiscard]] nn::Batch batch_of(const std::vector<Sequence>& texts);

/// Keeps, for as long as it lives, what the way back through a run needs to know of the way forward.
class Recording {
 public:
  explicit Recording(Run& run);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Input of a layer norm or activation, output of a Linear of the head, rows in place of the word
  /// embeddings under the path of these.
  [[nodiscard]] const Tensor& value(const std::string& path) const { return values_.at(path); }
  [[nodiscard]] const AttentionRecord& attention(const std::string& attn) const {
    return attentions_.at(attn);
  }
  [[nodiscard]] const Changes& changes() const { return changes_; }

 private:
  enum class Kept { input, output, attention, given_embeds };

  void choose(const EncoderParts& parts);
  void after(const HookEvent& event);
  [[nodiscard]] AttentionRecord attention_of(const HookEvent& event);
  [[nodiscard]] Tensor copy(const Activation& value);

  Run& run_;
  std::string word_embeddings_;
  Changes changes_;
  std::map<std::string, Kept> kept_;
  std::map<std::string, Tensor> values_;
  std::map<std::string, AttentionRecord> attentions_;
  std::vector<HookHandle> handles_;
};

}  // namespace attnscope
