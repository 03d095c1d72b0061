// SPDX-License-Identifier: Apache-2.0
#include "attnscope/weight_table.h"
#include "process.h"
#include "results.h"

namespace attnscope::cli {
namespace {

class TableSink : public ResultSink {
 public:
  explicit TableSink(const std::string& path) : table_(path) {}

  void add(const TextResult& result) override {
    TextWeights weights{result.capture.attentions.view(), result.layers, result.heads, result.encoding.tokens,
                        result.rows};
    if (result.one_of_several) weights.text = result.index;
    if (result.place) {
      weights.text = result.place->text;
      weights.window = result.place->window;
    }
    table_.add(weights, check_interrupt);
  }

  void finish() override {
    check_interrupt();
    table_.commit();
  }

 private:
  WeightTable table_;
};

}  // namespace

std::unique_ptr<ResultSink> table_sink(const std::string& path) { return std::make_unique<TableSink>(path); }

}  // namespace attnscope::cli
