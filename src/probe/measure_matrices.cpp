// SPDX-License-Identifier: Apache-2.0
#include "probe/measure_matrices.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "attnscope/analysis.h"
#include "attnscope/contributions.h"
#include "core/message.h"
#include "core/poll.h"

namespace attnscope {
namespace {

/// The chosen ones of `count`, or all.
std::vector<std::int64_t> chosen_of(const std::optional<std::vector<std::int64_t>>& chosen,
                                    std::int64_t count, const char* what) {
  if (!chosen) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  const auto exists = [&](std::int64_t index) { return index >= 0 && index < count; };
  if (chosen->empty() || !std::all_of(chosen->begin(), chosen->end(), exists))
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", what)
                              .found("{}", chosen->empty() ? "none chosen" : "one does not exist")
                              .hint("choose from 0 to {}", count - 1));
  return *chosen;
}

/// Mean of matrices that `add` adds up.
class MeanMatrix {
 public:
  explicit MeanMatrix(std::int64_t n) : n_(n), sums_(static_cast<std::size_t>(n * n)) {}

  /// `matrix` is contiguous.
  template <class Value>
  void add(const TensorView& matrix, const Value& value) {
    const float* values = matrix.f32();
    for (std::size_t index = 0; index < sums_.size(); ++index)
      sums_[index] += value(static_cast<double>(values[index]));
    ++count_;
  }
  [[nodiscard]] Tensor mean() const {
    Tensor result(Shape{n_, n_});
    float* values = result.mutable_view().f32();
    for (std::size_t index = 0; index < sums_.size(); ++index)
      values[index] = static_cast<float>(sums_[index] / static_cast<double>(count_));
    return result;
  }

 private:
  std::int64_t n_;
  std::int64_t count_ = 0;
  std::vector<double> sums_;
};

double as_it_is(double value) { return value; }
double positive_part(double value) { return std::max(value, 0.0); }

void divide_rows(Tensor& matrix) {
  const std::int64_t n = matrix.size(0);
  float* values = matrix.mutable_view().f32();
  for (std::int64_t row = 0; row < n; ++row, values += n) {
    const double sum = std::accumulate(values, values + n, 0.0);
    for (std::int64_t column = 0; sum > 0.0 && column < n; ++column)
      values[column] = static_cast<float>(static_cast<double>(values[column]) / sum);
  }
}

}  // namespace

MeasureMatrices::MeasureMatrices(Run& run, const Model& model, Sequence text,
                                 const WordReportOptions& options)
    : run_(run),
      text_(std::move(text)),
      chosen_layers_(options.layers.has_value()),
      layers_(chosen_of(options.layers, model.info().num_layers, "layers")),
      heads_(chosen_of(options.heads, model.info().num_heads, "heads")) {
  Request request = Request::attentions();
  request.heads = heads_;
  request.reduce = Reduce::mean;
  request.logits = model.info().task != Task::none;
  Captures captures = run_(std::vector<Sequence>{text_}, request);
  TextCapture& capture = captures.texts.front();
  attentions_ = std::move(capture.attentions);
  logits_ = std::move(capture.logits);
  notices_ = std::move(capture.notices);
}

const Tensor& MeasureMatrices::attention() {
  if (!attention_.empty()) return attention_;
  MeanMatrix mean(attentions_.size(1));
  for (const std::int64_t layer : layers_) mean.add(attentions_.view().select(0, layer), as_it_is);
  return attention_ = mean.mean();
}

const Tensor& MeasureMatrices::rollout() {
  if (!rollout_.empty()) return rollout_;
  const std::int64_t last = *std::max_element(layers_.begin(), layers_.end());
  const Tensor all = analysis::rollout(attentions_.view(), run_.options().poll);
  return rollout_ = all.view().select(0, last).own();
}

const Tensor& MeasureMatrices::norms() {
  if (!norms_.empty()) return norms_;
  std::vector<Tensor> layers;
  for (const analysis::AttentionBlock& block : analysis::attention_blocks(run_, text_)) {
    layers.push_back(analysis::vector_norms(block, analysis::NormKind::normalised, run_.options().poll));
    divide_rows(layers.back());
  }
  if (chosen_layers_) {
    MeanMatrix mean(attentions_.size(1));
    for (const std::int64_t layer : layers_)
      mean.add(layers[static_cast<std::size_t>(layer)].view(), as_it_is);
    return norms_ = mean.mean();
  }
  const Tensor every_layer = stack(layers);
  const Tensor all = analysis::accumulate(every_layer.view(), run_.options().poll);
  return norms_ = all.view().select(0, all.size(0) - 1).own();
}

Tensor MeasureMatrices::gradient(const Target& target) {
  const Tensor all = gradient_x_attention(run_, text_, target);  // [layers, heads, n, n]
  MeanMatrix mean(attentions_.size(1));
  Poll poll(run_.options().poll);
  for (const std::int64_t layer : layers_)
    for (const std::int64_t head : heads_) {
      poll.check();
      mean.add(all.view().select(0, layer).select(0, head), positive_part);
    }
  return mean.mean();
}

}  // namespace attnscope
