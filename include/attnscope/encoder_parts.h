// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace attnscope {

/// Module paths of one encoder layer under names that are the same in every family.
struct LayerParts {
  std::string layer;  ///< "transformer.layer.0"
  std::string attn;   ///< the softmax: inputs query, key, value, outputs (weights, context)
  std::string query;  ///< Linear, as the next three
  std::string key;
  std::string value;
  std::string output;          ///< its input is the context of all heads, side by side [n, hidden_size]
  std::string attention_norm;  ///< LayerNorm of output + input of the layer
  std::string up;              ///< Linear of the feed-forward part
  std::string activation;      ///< of its output
  std::string down;            ///< Linear
  std::string output_norm;     ///< LayerNorm of down + attention_norm
};

/// One step of a task head: a Linear, then an activation (or none), then a LayerNorm (or none).
struct HeadStep {
  std::string linear;
  std::string activation = {};         ///< name in config.json: "gelu", "relu", "tanh"; empty: none
  std::string norm = {};               ///< path; empty: none
  std::string activation_module = {};  ///< path; empty: none, or an activation that is no module
};

/// Where the parts of a model stand, and the numbers that no parameter shows.
struct EncoderParts {
  std::string embeddings;       ///< its output is the hidden state that layer 0 receives
  std::string word_embeddings;  ///< its output is what inputs_embeds replaces
  std::string embedding_norm;   ///< LayerNorm of the sum of the embeddings
  std::vector<LayerParts> layers;
  std::string activation;  ///< of the feed-forward parts
  double layer_norm_eps = 1e-12;
  /// The task head, from the last hidden state to the logits; empty without one.
  std::vector<HeadStep> head;
  bool head_is_pooled = false;  ///< the head reads one token of each text (Sequence::pooled_token)
};

}  // namespace attnscope
