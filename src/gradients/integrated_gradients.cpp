// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "attnscope/gradients.h"
#include "core/message.h"
#include "gradients/backward.h"
#include "gradients/path.h"
#include "gradients/target.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(const char* field, const std::string& what, const std::string& hint) {
  throw InvalidArgument(problem(ErrorKind::usage, "BASELINE", "integrated gradients")
                            .field(field)
                            .found("{}", what)
                            .hint("{}", hint));
}

void check_baseline(const Tensor& baseline, const Shape& expected) {
  if (!baseline.empty() && baseline.dtype() == DType::f32 && baseline.shape() == expected) return;
  const std::string found =
      baseline.empty() ? "nothing" : std::string(name(baseline.dtype())) + " " + to_string(baseline.shape());
  refuse("baseline", fmt::format("{}, expected F32 {}", found, to_string(expected)),
         "give one row of hidden_size numbers a token (baseline_embeddings)");
}

/// A straight way through the space of the embeddings [n, hidden_size].
struct Line {
  const Sequence& text;
  const Tensor& from;
  const Tensor& to;

  [[nodiscard]] Sequence at(double place) const {
    Sequence point = text;
    point.inputs_embeds = Tensor(to.shape());
    float* values = point.inputs_embeds.mutable_view().f32();
    for (std::int64_t i = 0; i < to.count(); ++i)
      values[i] =
          static_cast<float>(double{from.f32()[i]} + place * (double{to.f32()[i]} - double{from.f32()[i]}));
    return point;
  }
};

// Row by row the sum over the width of (to - from) x mean gradient.
Tensor scores_of(const Line& line, const std::vector<double>& gradient_sums, std::int64_t steps) {
  const std::int64_t width = line.to.size(1);
  Tensor scores({line.to.size(0)});
  for (std::int64_t token = 0; token < scores.count(); ++token) {
    double sum = 0.0;
    for (std::int64_t i = token * width; i < (token + 1) * width; ++i)
      sum += (double{line.to.f32()[i]} - double{line.from.f32()[i]}) *
             gradient_sums[static_cast<std::size_t>(i)];
    scores.mutable_view().f32()[token] = static_cast<float>(sum / static_cast<double>(steps));
  }
  return scores;
}

double value_at(Run& run, const Sequence& text, const Target& target) {
  Request request;
  request.logits = true;
  return target_value(run(std::vector<Sequence>{text}, request).texts.front().logits.view(), target);
}

}  // namespace

IntegratedGradients integrated_gradients(Run& run, const Sequence& text, const Target& target,
                                         const Tensor& baseline, const PathOptions& options) {
  const Target of_model = target_of_model(run.model(), target);
  const BackwardRequest request{.kept = {.inputs_embeds = true}};
  Run own = run.fork();
  const TextGradients end = run_backward(own, {text}, {of_model}, request).front();
  check_baseline(baseline, end.inputs_embeds.shape());
  const Line line{text, baseline, end.inputs_embeds};

  std::vector<double> sums(static_cast<std::size_t>(baseline.count()));
  for (const std::vector<double>& batch : path_batches(options, baseline.size(0))) {
    std::vector<Sequence> points;
    for (const double place : batch) points.push_back(line.at(place));
    const std::vector<Target> targets(points.size(), of_model);
    for (const TextGradients& point : run_backward(own, points, targets, request))
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += double{point.inputs_embeds_gradients.f32()[i]};
  }
  return {scores_of(line, sums, options.steps), end.value, value_at(own, line.at(0.0), of_model)};
}

Tensor baseline_embeddings(const Model& model, const Sequence& text, std::int64_t baseline_id,
                           const std::vector<std::int64_t>& kept_mask) {
  const Tensor table = model.module(model.parts().word_embeddings).parameters.front().value();
  const std::size_t count = text.input_ids.size();
  if (kept_mask.size() != count)
    refuse("kept_mask", fmt::format("{} entries for {} tokens", kept_mask.size(), count),
           "give 1 for every token that keeps its embedding, else 0");
  Tensor rows({static_cast<std::int64_t>(count), table.size(1)});
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t id = kept_mask[i] != 0 ? text.input_ids[i] : baseline_id;
    if (id < 0 || id >= table.size(0))
      refuse("id", std::to_string(id), fmt::format("choose from 0..{}", table.size(0) - 1));
    rows.mutable_view().select(0, static_cast<std::int64_t>(i)).copy_from(table.view().select(0, id));
  }
  return rows;
}

}  // namespace attnscope
