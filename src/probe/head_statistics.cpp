// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iterator>

#include "attnscope/head_report.h"
#include "core/message.h"
#include "probe/word_ids.h"

namespace attnscope {
namespace {

constexpr std::size_t kMostNotices = 10;

// Places in the sums: all_statistics() first.
std::size_t relative_entropy_place() { return all_statistics().size(); }
std::size_t first_received_place() { return all_statistics().size() + 1; }
std::size_t num_sums() { return all_statistics().size() + 2; }

Request statistics_request(const HeadReportOptions& options) {
  Request request;
  request.statistics = all_statistics();
  request.received = true;
  request.weights = options.same_word || options.distances;
  return request;
}

double sum_of(const float* values, std::int64_t count) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]);
  return sum;
}

/// Means of one head by their place.
class Means {
 public:
  Means(const std::vector<double>& sums, std::size_t head, std::size_t num_heads, std::int64_t rows)
      : sums_(sums), head_(head), num_heads_(num_heads), rows_(static_cast<double>(rows)) {}

  [[nodiscard]] double at(std::size_t place) const { return sums_[place * num_heads_ + head_] / rows_; }
  [[nodiscard]] double of(Statistic statistic) const { return at(static_cast<std::size_t>(statistic)); }

 private:
  const std::vector<double>& sums_;
  std::size_t head_;
  std::size_t num_heads_;  // of the model
  double rows_;
};

analysis::HeadStatistics statistics_of(const Means& means) {
  analysis::HeadStatistics statistics;
  statistics.entropy = means.of(Statistic::entropy);
  statistics.distance = means.of(Statistic::distance);
  statistics.confidence = means.of(Statistic::max);
  statistics.self = means.of(Statistic::self);
  statistics.previous = means.of(Statistic::previous);
  statistics.next = means.of(Statistic::next);
  statistics.cls = means.of(Statistic::cls);
  statistics.sep = means.of(Statistic::sep);
  statistics.punctuation = means.of(Statistic::punctuation);
  return statistics;
}

}  // namespace

HeadStatisticsCollector::HeadStatisticsCollector(const HeadReportOptions& options) : options_(options) {}

void HeadStatisticsCollector::add(Run& run, const std::vector<Encoding>& texts) {
  std::vector<Encoding> batch;
  std::int64_t tokens = 0;
  for (const Encoding& text : texts) {
    const auto length = static_cast<std::int64_t>(text.size());
    if (!batch.empty() && tokens + length > options_.batch_tokens) {
      add_batch(run, batch);
      batch.clear();
      tokens = 0;
    }
    batch.push_back(text);
    tokens += length;
  }
  if (!batch.empty()) add_batch(run, batch);
}

void HeadStatisticsCollector::add_batch(Run& run, const std::vector<Encoding>& texts) {
  const Captures captures = run(texts, statistics_request(options_));
  num_layers_ = static_cast<std::int64_t>(captures.layers.size());
  num_heads_ = static_cast<std::int64_t>(captures.heads.size());
  const auto heads = static_cast<std::size_t>(num_layers_ * num_heads_);
  sums_.resize(num_sums() * heads);
  same_word_.resize(heads);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const TextCapture& text = captures.texts[i];
    for (const std::string& notice : text.notices)
      if (notices_.size() < kMostNotices) notices_.push_back(fmt::format("text {}: {}", num_texts_, notice));
    add_statistics(text);
    if (!text.attentions.empty()) add_weights(run, texts[i], text.attentions.view());
    ++num_texts_;
  }
}

void HeadStatisticsCollector::add_statistics(const TextCapture& text) {
  const std::int64_t heads = num_layers_ * num_heads_;
  const std::int64_t rows = text.statistics.size(3);
  const float* values = text.statistics.f32();  // [statistics, layers, heads, rows]
  for (std::size_t place = 0; place < relative_entropy_place() * static_cast<std::size_t>(heads); ++place)
    sums_[place] += sum_of(values + static_cast<std::int64_t>(place) * rows, rows);
  const double largest_entropy = std::log(static_cast<double>(rows));  // a text has as many keys as rows
  double* relative = sums_.data() + relative_entropy_place() * static_cast<std::size_t>(heads);
  double* first = sums_.data() + first_received_place() * static_cast<std::size_t>(heads);
  for (std::int64_t head = 0; head < heads; ++head) {
    // Entropy is the first of the statistics.
    if (rows > 1) relative[head] += sum_of(values + head * rows, rows) / largest_entropy;
    first[head] += static_cast<double>(text.received.f32()[head * rows]);
  }
  num_rows_ += rows;
}

void HeadStatisticsCollector::add_weights(const Run& run, const Encoding& text, const TensorView& weights) {
  if (options_.same_word) {
    const Tensor means = analysis::mass_on_same_word(weights, flat_word_ids(text));  // [layers, heads]
    for (std::size_t head = 0; head < same_word_.size(); ++head)
      same_word_[head] += static_cast<double>(means.f32()[head]) * static_cast<double>(text.size());
  }
  if (!options_.distances) return;
  if (!distances_) distances_.emplace(num_layers_, num_heads_);
  distances_->add(weights, run.options().poll);
}

HeadReport HeadStatisticsCollector::report() const {
  if (num_rows_ == 0)
    throw InvalidArgument(problem(ErrorKind::usage, "NO_TEXT", "head statistics")
                              .found("no text was added")
                              .hint("call add() first"));
  HeadReport report{num_layers_, num_heads_, num_texts_, num_rows_, options_.same_word, {}, {}, {}, notices_};
  for (std::size_t head = 0; head < same_word_.size(); ++head) {
    const Means means(sums_, head, same_word_.size(), num_rows_);
    const auto place = static_cast<std::int64_t>(head);
    HeadSummary summary{place / num_heads_, place % num_heads_, {}, statistics_of(means)};
    summary.means.same_word = same_word_[head] / static_cast<double>(num_rows_);
    summary.relative_entropy = means.at(relative_entropy_place());
    summary.first_received = means.at(first_received_place());
    summary.pattern = analysis::pattern(summary.means);
    report.heads.push_back(summary);
  }
  if (!distances_) return report;
  report.distances = distances_->matrix();
  report.map = analysis::scale_to_plane(report.distances.view());
  return report;
}

std::vector<std::pair<std::string, double>> numbers_of(const HeadReport& report, const HeadSummary& head) {
  const analysis::HeadStatistics& means = head.means;
  std::vector<std::pair<std::string, double>> numbers{
      {"entropy", means.entropy},   {"relative_entropy", head.relative_entropy},
      {"distance", means.distance}, {"max", means.confidence},
      {"self", means.self},         {"previous", means.previous},
      {"next", means.next},         {"cls", means.cls},
      {"sep", means.sep},           {"punctuation", means.punctuation}};
  if (report.has_same_word) numbers.emplace_back("same_word", means.same_word);
  numbers.emplace_back("first_received", head.first_received);
  return numbers;
}

std::vector<std::pair<analysis::Pattern, std::int64_t>> count_patterns(const HeadReport& report) {
  std::vector<std::pair<analysis::Pattern, std::int64_t>> counts;
  for (const HeadSummary& head : report.heads) {
    const auto found = std::find_if(counts.begin(), counts.end(),
                                    [&](const auto& count) { return count.first == head.pattern; });
    if (found == counts.end()) {
      counts.emplace_back(head.pattern, 1);
    } else {
      ++found->second;
    }
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  return counts;
}

}  // namespace attnscope
