// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "attnscope/head_report.h"
#include "attnscope/text_file.h"
#include "commands.h"
#include "errors.h"
#include "heads_table.h"
#include "json_numbers.h"
#include "model_options.h"
#include "numbers.h"
#include "output_path.h"
#include "process.h"
#include "progress.h"
#include "sentences.h"
#include "suggestion.h"

namespace attnscope::cli {
namespace {

struct HeadsCommand {
  ModelOptions model;
  ComputeOptions compute;
  SentenceOptions sentences;
  std::string by;  ///< ablation, gradient, or a column; empty: ablation with labels, else nothing
  std::string ablation = "zero";
  std::string metric;  ///< empty: f1 (gradient: loss) with labels, else label
  std::string sort;
  std::string top;
  std::string output;
  bool distances = false;
  bool same_word = false;
};

enum class Metric { label, loss, f1 };

/// What the words of the command mean.
struct HeadsPlan {
  bool importance = false;
  Metric metric = Metric::label;
  HeadImportanceOptions options;
  std::string sort;
  std::optional<std::size_t> top;
  RunOptions run;

  [[nodiscard]] bool scores() const { return importance && metric == Metric::f1; }
};

Metric parse_metric(const HeadsCommand& command, bool gradient) {
  const bool labelled = !command.sentences.labels.empty();
  if (command.metric.empty()) return !labelled ? Metric::label : gradient ? Metric::loss : Metric::f1;
  const auto metric = static_cast<Metric>(parse_choice("--metric", command.metric, {"label", "loss", "f1"}));
  if (metric != Metric::label && !labelled)
    throw usage_error("--metric", fmt::format("{} needs labels", command.metric), "add --labels FILE");
  if (metric == Metric::f1 && gradient)
    throw usage_error("--metric", "F1 has no gradient", "take --metric loss, or --by ablation");
  return metric;
}

Ablation parse_ablation(const HeadsCommand& command) {
  constexpr Ablation kAblations[] = {Ablation::zero, Ablation::mean, Ablation::uniform};
  const Ablation ablation =
      kAblations[parse_choice("--ablation", command.ablation, {"zero", "mean", "uniform"})];
  if (ablation == Ablation::mean && !can_read_again(command.sentences))
    throw usage_error("--ablation", "mean reads the texts twice, which a pipe does not allow",
                      "write them to a file, or take zero or uniform");
  return ablation;
}

// The columns that a table will have.
std::vector<std::string> columns_of(const HeadsCommand& command, const HeadsPlan& plan) {
  std::vector<std::string> columns{"layer", "head"};
  HeadReport report;
  report.has_same_word = command.same_word;
  for (const auto& number : numbers_of(report, {})) columns.push_back(number.first);
  if (command.distances) columns.insert(columns.end(), {"x", "y"});
  if (plan.scores()) {
    columns.insert(columns.end(), {"f1", "f1_change"});
  } else if (plan.importance) {
    if (plan.options.by == ImportanceBy::ablation) columns.emplace_back("effect");
    columns.emplace_back("importance");
  }
  return columns;
}

void check_sort(const HeadsCommand& command, const HeadsPlan& plan) {
  std::vector<std::string> known = columns_of(command, plan);
  if (std::find(known.begin(), known.end(), plan.sort) != known.end()) return;
  if (command.sort.empty()) known.insert(known.begin(), {"ablation", "gradient"});
  const auto nearest = suggest(plan.sort, known);
  throw usage_error(command.sort.empty() ? "--by" : "--sort",
                    fmt::format("'{}' is not one of: {}", plan.sort, fmt::join(known, ", ")),
                    nearest ? fmt::format("did you mean '{}'?", *nearest) : "");
}

HeadsPlan make_plan(const HeadsCommand& command) {
  constexpr std::int64_t kMostRows = 1'000'000'000;
  HeadsPlan plan;
  const std::string by = command.by.empty() && !command.sentences.labels.empty() ? "ablation" : command.by;
  const bool gradient = by == "gradient";
  plan.importance = gradient || by == "ablation";
  plan.options.by = gradient ? ImportanceBy::gradient : ImportanceBy::ablation;
  plan.metric = parse_metric(command, gradient);
  if (plan.importance && !gradient) plan.options.scan.ablation = parse_ablation(command);
  if (!plan.importance && (!command.metric.empty() || command.ablation != "zero"))
    throw usage_error(command.metric.empty() ? "--ablation" : "--metric", "no importance is asked for",
                      "add --by ablation or --by gradient");
  plan.sort = !command.sort.empty() ? command.sort
              : plan.scores()       ? "f1_change"
              : plan.importance     ? "importance"
              : by.empty()          ? "layer"
                                    : by;
  check_sort(command, plan);
  if (!command.top.empty())
    plan.top = static_cast<std::size_t>(parse_number("--top", command.top, 1, kMostRows));
  plan.run = run_options(command.compute);
  plan.run.poll = check_interrupt;
  plan.options.scan.progress = [](std::int64_t, std::int64_t) { check_interrupt(); };
  return plan;
}

Tensor corpus_means(const HeadsCommand& command, const Model& model, Run& run) {
  SentenceReader reader(command.sentences, command.compute, model);
  MeanContexts means(model);
  for (auto batch = reader.next_batch(); !batch.empty(); batch = reader.next_batch()) {
    std::vector<Sequence> texts;
    for (Sentence& sentence : batch)
      texts.push_back({.input_ids = std::move(sentence.encoding.input_ids),
                       .token_type_ids = std::move(sentence.encoding.token_type_ids)});
    means.add(run, texts);
  }
  return means.value();
}

// A label that the model does not have is a mistake in the file.
std::vector<Target> loss_targets(const Sentence& sentence, const ModelInfo& model) {
  try {
    return label_targets(sentence.encoding, sentence.labels, model);
  } catch (const InvalidArgument& error) {
    ErrorInfo info = error.info();
    info.kind = ErrorKind::input;
    info.file = sentence.file;
    info.where = fmt::format("sentence of line {}, {}", sentence.number, info.where);
    throw TextError(std::move(info));
  }
}

struct HeadsFound {
  HeadReport report;
  std::optional<HeadImportance> importance;
  std::optional<HeadScores> scores;
};

/// Statistics and importance of the sentences, gathered in one pass.
class HeadsWork {
 public:
  HeadsWork(const HeadsCommand& command, const HeadsPlan& plan, Run& run)
      : command_(command),
        plan_(plan),
        run_(run),
        model_(run.model()),
        statistics_({.same_word = command.same_word, .distances = command.distances}),
        importance_(plan.options),
        scores_(plan.options) {}

  HeadsFound all(SentenceReader& reader) {
    Progress progress(!command_.model.quiet);
    std::int64_t done = 0;
    for (auto batch = reader.next_batch(); !batch.empty(); batch = reader.next_batch()) {
      add_statistics(batch);
      for (const Sentence& sentence : batch) {
        if (plan_.importance) add_importance(sentence);
        progress.update(++done, reader.fraction());
      }
    }
    if (done == 0) throw usage_error(option_of_source(), "there is no text in it");
    HeadsFound found{statistics_.report(), std::nullopt, std::nullopt};
    if (plan_.scores()) {
      found.scores = scores_.scores();
    } else if (plan_.importance) {
      found.importance = importance_.result();
    }
    return found;
  }

 private:
  [[nodiscard]] const char* option_of_source() const {
    return command_.sentences.labels.empty() ? "--file" : "--labels";
  }

  void add_statistics(const std::vector<Sentence>& batch) {
    std::vector<Encoding> texts;
    for (const Sentence& sentence : batch) texts.push_back(sentence.encoding);
    statistics_.add(run_, texts);
  }

  void add_importance(const Sentence& sentence) {
    if (plan_.metric == Metric::f1) return scores_.add(run_, sentence.encoding, sentence.labels);
    if (plan_.metric == Metric::label) return importance_.add(run_, sentence.encoding);
    const std::vector<Target> targets = loss_targets(sentence, model_.info());
    if (!targets.empty()) importance_.add(run_, sentence.encoding, targets);
  }

  const HeadsCommand& command_;
  const HeadsPlan& plan_;
  Run& run_;
  Model model_;
  HeadStatisticsCollector statistics_;
  HeadImportanceCollector importance_;
  HeadScoresCollector scores_;
};

HeadTable make_table(const HeadsFound& found, const HeadsPlan& plan) {
  HeadTable table(found.report);
  if (!found.report.map.empty()) {
    HeadColumn x{"x", {}};
    HeadColumn y{"y", {}};
    for (std::int64_t head = 0; head < found.report.map.size(0); ++head) {
      x.values.push_back(static_cast<double>(found.report.map.at({head, 0})));
      y.values.push_back(static_cast<double>(found.report.map.at({head, 1})));
    }
    table.add(std::move(x));
    table.add(std::move(y));
  }
  if (found.importance) {
    if (!found.importance->effect.empty()) table.add("effect", found.importance->effect);
    table.add("importance", found.importance->importance);
  }
  if (found.scores) {
    HeadColumn f1{"f1", {}};
    HeadColumn change{"f1_change", {}};
    for (const EntityScore& score : found.scores->ablated) {
      f1.values.push_back(score.f1());
      change.values.push_back(score.f1() - found.scores->unablated.f1());
    }
    table.add(std::move(f1));
    table.add(std::move(change));
  }
  table.sort(plan.sort);
  if (plan.top) table.keep_first(*plan.top);
  return table;
}

const char* name_of(Metric metric) {
  constexpr const char* kNames[] = {"label", "loss", "f1"};
  return kNames[static_cast<std::size_t>(metric)];
}

/// What the last columns mean: every table says how its numbers were made.
std::string importance_summary(const HeadsFound& found, const HeadsPlan& plan) {
  const std::string ablated = fmt::format("each head alone ablated ({})", name(plan.options.scan.ablation));
  if (found.scores) {
    const EntityScore& score = found.scores->unablated;
    return fmt::format("F1 {:.4f} unablated (precision {:.4f}, recall {:.4f}, {} entities); F1: {}\n",
                       score.f1(), score.precision(), score.recall(), score.expected, ablated);
  }
  if (!found.importance) return "";
  const char* const watched = plan.metric == Metric::loss ? "loss" : "logit of the predicted label";
  if (plan.options.by == ImportanceBy::gradient)
    return fmt::format("{} {:.4f}; importance: mean over texts of |sum of context x gradient|\n", watched,
                       found.importance->value);
  return fmt::format("{} {:.4f} unablated; effect: its mean change with {}; importance: mean |change|\n",
                     watched, found.importance->value, ablated);
}

void write_importance(JsonWriter& json, const HeadsFound& found, const HeadsPlan& plan) {
  if (!plan.importance) return;
  json.key("by").value(name(plan.options.by)).key("metric").value(name_of(plan.metric));
  if (plan.options.by == ImportanceBy::ablation) json.key("ablation").value(name(plan.options.scan.ablation));
  if (found.importance) json.key("unablated").value(found.importance->value);
  if (!found.scores) return;
  const EntityScore& score = found.scores->unablated;
  json.key("unablated").begin_object().key("f1").value(score.f1());
  json.key("precision").value(score.precision()).key("recall").value(score.recall());
  json.key("entities").value(score.expected).end_object();
}

std::string json_of(const HeadsFound& found, const HeadsPlan& plan, const HeadTable& table,
                    const std::string& model) {
  const HeadReport& report = found.report;
  JsonWriter json;
  json.begin_object().key("model").value(model).key("num_layers").value(report.num_layers);
  json.key("num_heads").value(report.num_heads).key("texts").value(report.num_texts);
  json.key("rows").value(report.num_rows).key("patterns").begin_object();
  for (const auto& [pattern, count] : count_patterns(report)) json.key(analysis::name(pattern)).value(count);
  json.end_object();
  write_importance(json, found, plan);
  json.key("heads");
  table.write(json);
  if (!report.distances.empty()) write_numbers(json.key("distances"), report.distances.view());
  return json.end_object().text() + '\n';
}

bool is_csv(const std::string& path) { return path.ends_with(".csv"); }

void check_heads_output(const HeadsCommand& command) {
  if (command.output.empty()) return;
  if (!is_csv(command.output) && !command.output.ends_with(".json"))
    throw usage_error("--output", fmt::format("'{}' ends neither in .csv nor in .json", command.output),
                      "choose the format by the ending");
  const std::string& labels = command.sentences.labels;
  check_text_output(
      {command.output, command.model.model, labels.empty() ? command.sentences.texts.file : labels});
}

void run_heads(const HeadsCommand& command) {
  const HeadsPlan chosen = make_plan(command);
  check_sentences(command.sentences);
  check_heads_output(command);
  const Model model = load_model(command.model);
  SentenceReader reader(command.sentences, command.compute, model);
  Run run(model, chosen.run);
  HeadsPlan plan = chosen;
  if (plan.importance && plan.options.scan.ablation == Ablation::mean)
    plan.options.scan.means = corpus_means(command, model, run);
  const HeadsFound found = HeadsWork(command, plan, run).all(reader);
  tell(command.model, found.report.notices);
  const HeadTable table = make_table(found, plan);
  const std::string json = json_of(found, plan, table, model.info().source);
  check_interrupt();
  if (!command.output.empty()) {
    write_text_file(command.output, is_csv(command.output) ? table.csv() : json);
    tell(command.model, {fmt::format("wrote {}", command.output)});
  } else if (command.model.json) {
    print(json);
  } else {
    print(table.text() + '\n' + pattern_summary(found.report) + importance_summary(found, plan));
  }
}

void add_importance_options(CLI::App& command, HeadsCommand& options) {
  command
      .add_option("--by", options.by,
                  "Importance by ablation or gradient, or the column to sort by, for example entropy")
      ->type_name("WORD");
  command.add_option("--ablation", options.ablation, "Of a head's context: zero (default), mean or uniform")
      ->type_name("WORD");
  command
      .add_option("--metric", options.metric,
                  "What is watched: label (the predicted one's logit), loss or f1 (with --labels)")
      ->type_name("WORD");
  command.add_option("--sort", options.sort, "Column to sort by")->type_name("COLUMN");
  command.add_option("--top", options.top, "Only the first N heads")->type_name("N");
}

}  // namespace

void setup_heads(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("heads", "What each head does, and how much it matters.");
  command->footer(
      "attnscope heads \"Angela lives in Paris.\" --sort sep --top 10\n"
      "attnscope heads -f sentences.txt -o heads.csv\n"
      "attnscope heads \"Angela lives in Paris.\" --by ablation --top 5\n"
      "attnscope heads --labels dev.conll --limit 100");
  auto options = std::make_shared<HeadsCommand>();
  SentenceOptions& sentences = options->sentences;
  command->add_option("TEXT", sentences.texts.texts, "Texts; without any, standard input")->type_name("");
  command
      ->add_option("-f,--file,--corpus", sentences.texts.file,
                   "File with one text a line; - is standard input")
      ->type_name("FILE");
  command
      ->add_option("--labels", sentences.labels,
                   "File in CoNLL columns: texts and labels of their words; F1 with each head ablated")
      ->type_name("FILE");
  command->add_option("--limit", sentences.limit, "Only the first N sentences")->type_name("N");
  add_importance_options(*command, *options);
  command->add_flag("--same-word", options->same_word, "Also the weight on other pieces of the own word");
  command->add_flag("--distances", options->distances, "Also distances between heads, and a map of them");
  command->add_option("-o,--output", options->output, ".csv or .json in place of the table")
      ->type_name("FILE");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_heads(*options); }; });
}

}  // namespace attnscope::cli
