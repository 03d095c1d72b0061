// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "attnscope/viewer.h"
#include "core/message.h"
#include "viewer/document_impl.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMostOverviewCells = 64;  // a side
constexpr std::int64_t kMostTokensInFull = 128;
constexpr std::int64_t kMostTokensInU8 = 384;
constexpr std::int64_t kMostTokensOfHeadMap = 128;
constexpr std::int64_t kMostQueryKeyBytes = 2'000'000;

/// Where a row does not sum to 1; nothing if all do.
std::optional<std::int64_t> odd_row(const TensorView& weights) {
  constexpr double kTolerance = 1e-3;
  const std::int64_t n = weights.size(-1);
  for (std::int64_t row = 0; row < weights.count() / n; ++row) {
    double sum = 0.0;
    for (std::int64_t key = 0; key < n; ++key) sum += static_cast<double>(weights.f32()[row * n + key]);
    if (!(std::abs(sum - 1.0) <= kTolerance)) return row;  // NaN is odd too
  }
  return std::nullopt;
}

void check_rows(const Document::Impl& document) {
  const auto row = odd_row(document.attentions.view());
  if (!row) return;
  const std::int64_t n = document.num_tokens();
  const std::int64_t map = *row / n;
  throw InvalidArgument(problem(ErrorKind::usage, "VALUE", "weights")
                            .at(fmt::format("layer {}, head {}, row {}", map / document.num_heads(),
                                            map % document.num_heads(), *row % n))
                            .found("the row does not sum to 1, so its largest weights do not tell the rest")
                            .hint("take the data full"));
}

PageData data_for(const Document::Impl& document) {
  if (document.num_tokens() <= kMostTokensInFull || odd_row(document.attentions.view()))
    return PageData::full;
  return document.num_tokens() <= kMostTokensInU8 ? PageData::u8 : PageData::topk;
}

std::int64_t query_key_bytes(const Document::Impl& document) {
  constexpr auto kWidth = static_cast<std::int64_t>(sizeof(float));
  return (document.queries.count() + document.keys.count()) * kWidth;
}

}  // namespace

const char* name(PageData data) {
  return data == PageData::full ? "full" : data == PageData::u8 ? "u8" : "topk";
}

std::int64_t Document::Impl::overview_size() const { return std::min(num_tokens(), kMostOverviewCells); }

std::vector<std::string> Document::Impl::part_names() const {
  std::vector<std::string> names{"overview"};
  for (std::int64_t layer = 0; layer < num_layers(); ++layer) names.push_back(fmt::format("layer.{}", layer));
  for (std::int64_t layer = 0; query_key && layer < num_layers(); ++layer)
    names.push_back(fmt::format("states.{}", layer));
  return names;
}

void choose_data(Document::Impl& document, const DocumentOptions& options) {
  if (options.top_k < 1)
    throw InvalidArgument(problem(ErrorKind::usage, "TOP_K", "top_k")
                              .found("{} weights of a row cannot be kept", options.top_k)
                              .hint("keep 1 or more"));
  document.data = options.data.value_or(data_for(document));
  const bool asked =
      options.data && *options.data != PageData::full;  // else data_for() has looked at the rows
  if (asked) check_rows(document);
  document.top_k = std::min(options.top_k, document.num_tokens());
  const bool small = document.data == PageData::full && query_key_bytes(document) <= kMostQueryKeyBytes;
  document.query_key = !document.queries.empty() && options.query_key.value_or(small);
}

bool has_head_map(std::int64_t heads_of_all_layers, std::int64_t tokens) {
  return heads_of_all_layers > 1 && tokens <= kMostTokensOfHeadMap;
}

const std::string& Document::text() const { return impl_->text; }
const Encoding& Document::encoding() const { return impl_->encoding; }
const Tensor& Document::attentions() const { return impl_->attentions; }
const std::optional<WordReport>& Document::words() const { return impl_->words; }
const std::string& Document::report() const { return impl_->report; }
std::vector<std::string> Document::parts() const { return impl_->part_names(); }
std::string Document::part(const std::string& name) const { return part_bytes(*impl_, name); }

}  // namespace attnscope
