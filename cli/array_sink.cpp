// SPDX-License-Identifier: Apache-2.0
#include "attnscope/outputs.h"
#include "attnscope/version.h"
#include "process.h"
#include "results.h"

namespace attnscope::cli {
namespace {

Tensor numbers(const std::vector<std::int64_t>& values) {
  return Tensor::of({static_cast<std::int64_t>(values.size())}, values);
}

Tensor offsets_of(const Encoding& encoding) {
  std::vector<std::int64_t> values;
  for (const Span& span : encoding.offsets) {
    values.push_back(span.begin);
    values.push_back(span.end);
  }
  return Tensor::of({static_cast<std::int64_t>(encoding.offsets.size()), 2}, values);
}

/// One index of the first dimension, on the memory of the whole.
Tensor part_of(const Tensor& whole, std::int64_t index) {
  const TensorView part = whole.view().select(0, index);
  return {std::make_shared<Tensor>(whole), part.data(), part.dtype(), part.shape()};
}

const char* word(Reduce reduce) {
  switch (reduce) {
    case Reduce::mean:
      return "mean";
    case Reduce::max:
      return "max";
    case Reduce::none:
      break;
  }
  return "none";
}

class ArraySink : public ResultSink {
 public:
  ArraySink(const std::string& path, const ModelInfo& model, Reduce reduce, const Interventions& edits)
      : file_(path),
        metadata_{{"model", model.source},
                  {"version", version_string()},
                  {"reduce", word(reduce)},
                  {"precision", name(model.precision)}} {
    if (!edits.edits().empty()) metadata_["edits"] = edits.to_json();
  }

  void add(const TextResult& result) override {
    check_interrupt();
    if (result.index == 0) {
      file_.add(NamedArray::of("layers", numbers(result.layers)));
      file_.add(NamedArray::of("heads", numbers(result.heads)));
    }
    const std::string prefix = result.one_of_several ? std::to_string(result.index) + "." : "";
    add_attention(prefix, result);
    add_tensor(prefix + "hidden_states", result.capture.hidden_states);
    add_tensor(prefix + "logits", result.capture.logits);
    add_tensor(prefix + "input_ids", numbers(result.encoding.input_ids));
    add_tensor(prefix + "offsets", offsets_of(result.encoding));
    file_.add(NamedArray::of(prefix + "tokens", result.encoding.tokens));
    if (result.place && result.one_of_several) text_index_.push_back(result.place->text);
  }

  void finish() override {
    check_interrupt();
    if (!text_index_.empty()) file_.add(NamedArray::of("text_index", numbers(text_index_)));
    file_.commit(metadata_);
  }

 private:
  void add_attention(const std::string& prefix, const TextResult& result) {
    const TextCapture& capture = result.capture;
    if (result.rows) file_.add(NamedArray::of(prefix + "rows", numbers(*result.rows)));
    add_tensor(prefix + "attentions", capture.attentions);
    const std::vector<Statistic>& statistics = result.request.statistics;
    for (std::size_t index = 0; index < statistics.size(); ++index)
      add_tensor(prefix + name(statistics[index]),
                 part_of(capture.statistics, static_cast<std::int64_t>(index)));
    add_tensor(prefix + "received", capture.received);
    add_tensor(prefix + "top_weights", capture.top_weights);
    add_tensor(prefix + "top_keys", capture.top_keys);
  }

  void add_tensor(const std::string& name, const Tensor& tensor) {
    if (!tensor.empty()) file_.add(NamedArray::of(name, tensor));
  }

  ArrayFile file_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::int64_t> text_index_;  ///< of each window, with --stride
};

}  // namespace

std::unique_ptr<ResultSink> array_sink(const std::string& path, const ModelInfo& model, Reduce reduce,
                                       const Interventions& edits) {
  return std::make_unique<ArraySink>(path, model, reduce, edits);
}

}  // namespace attnscope::cli
