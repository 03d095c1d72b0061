// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "outputs/safetensors_header.h"
#include "viewer/document_impl.h"
#include "viewer/part_name.h"
#include "viewer/weight_codes.h"

namespace attnscope {
namespace {

SafetensorsTensor part_tensor(const char* name, const TensorView& values) {
  const Shape& shape = values.shape();
  return {{name, "F32", sizeof(float), {shape.begin(), shape.end()}}, values.data()};
}

template <class Code>
SafetensorsTensor part_tensor(const char* name, const std::vector<Code>& codes, const Shape& shape) {
  static_assert(sizeof(Code) <= 2);
  return {{name, sizeof(Code) == 1 ? "U8" : "U16", sizeof(Code), {shape.begin(), shape.end()}}, codes.data()};
}

std::string overview_bytes(const Document::Impl& document) {
  const std::int64_t size = document.overview_size();
  const Tensor cells = pool_to(document.attentions.view(), size);
  const std::vector<std::uint8_t> overview = square_root_bytes(cells.view());
  const Tensor means = head_mean(document.attentions.view());
  const Tensor layer_means = pool_to(means.view(), size);
  const Tensor rollout = pool_to(document.rollout.view(), size);
  std::vector<SafetensorsTensor> tensors{part_tensor("overview", overview, cells.shape()),
                                         part_tensor("layer_means", layer_means.view()),
                                         part_tensor("rollout", rollout.view())};
  if (!document.head_map.empty()) {
    tensors.push_back(part_tensor("head_map", document.head_map.view()));
    tensors.push_back(part_tensor("head_distances", document.head_distances.view()));
  }
  return safetensors_bytes(std::move(tensors));
}

std::string full_bytes(const TensorView& weights) {
  return safetensors_bytes({part_tensor("weights", weights)});
}

std::string layer_bytes(const Document::Impl& document, std::int64_t layer) {
  const TensorView weights = document.attentions.view().select(0, layer);
  if (document.data == PageData::full) return full_bytes(weights);
  const TopWeights top = top_weights(weights, document.top_k);
  const Shape shape{document.num_heads(), document.num_tokens(), document.top_k};
  std::vector<SafetensorsTensor> tensors{part_tensor("top_keys", top.keys, shape),
                                         part_tensor("top_weights", top.weights, shape)};
  std::vector<std::uint8_t> bytes;
  if (document.data == PageData::u8) {
    bytes = square_root_bytes(weights);
    tensors.push_back(part_tensor("weights", bytes, weights.shape()));
  }
  return safetensors_bytes(std::move(tensors));
}

std::string states_bytes(const Document::Impl& document, const std::string& name, std::int64_t layer) {
  if (document.queries.empty()) refuse_part(name, "attention from elsewhere has no queries and keys");
  return safetensors_bytes({part_tensor("query", document.queries.view().select(0, layer)),
                            part_tensor("key", document.keys.view().select(0, layer))});
}

std::string mean_bytes(const Document::Impl& document, const PartName& part) {
  const std::int64_t n = document.num_tokens();
  std::vector<double> sums(static_cast<std::size_t>(n * n));
  for (const std::int64_t layer : part.layers)
    for (const std::int64_t head : part.heads) {
      const float* weights = document.attentions.view().select(0, layer).select(0, head).f32();
      for (double& sum : sums) sum += static_cast<double>(*weights++);
    }
  const auto count = static_cast<double>(part.layers.size() * part.heads.size());
  Tensor mean({n, n});
  std::transform(sums.begin(), sums.end(), mean.mutable_view().f32(),
                 [&](double sum) { return static_cast<float>(sum / count); });
  return full_bytes(mean.view());
}

}  // namespace

std::string part_bytes(const Document::Impl& document, const std::string& name) {
  const PartName part = parse_part_name(name, document.num_layers(), document.num_heads());
  const TensorView weights = document.attentions.view();
  switch (part.kind) {
    case PartName::Kind::overview:
      return overview_bytes(document);
    case PartName::Kind::layer:
      return layer_bytes(document, part.layers.front());
    case PartName::Kind::layer_full:
      return full_bytes(weights.select(0, part.layers.front()));
    case PartName::Kind::states:
      return states_bytes(document, name, part.layers.front());
    case PartName::Kind::head:
      return full_bytes(weights.select(0, part.layers.front()).select(0, part.heads.front()));
    case PartName::Kind::mean:
      return mean_bytes(document, part);
  }
  return {};
}

}  // namespace attnscope
