// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "attnscope/outputs.h"
#include "attnscope/speed.h"
#include "attnscope/version.h"
#include "commands.h"
#include "errors.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchCommand {
  ModelOptions model;
  ComputeOptions compute;
  std::string sizes = "1x9,1x128,8x128,2x512";
  std::string seconds = "1";
};

struct Size {
  std::int64_t texts;
  std::int64_t tokens;
};

struct Measurement {
  Size size;
  double median_ms;
  double fastest_ms;
  double slowest_ms;
  double gflop;    // of one call
  RunTimes times;  // of one call
};

Size parse_size(const std::string& word, std::int64_t max_tokens) {
  constexpr std::int64_t kMostTexts = 1024;
  const std::size_t cross = word.find('x');
  if (cross == std::string::npos)
    throw usage_error("--sizes", fmt::format("'{}' is no size, expected texts x tokens as 8x128", word));
  return {parse_number("--sizes", word.substr(0, cross), 1, kMostTexts),
          parse_number("--sizes", word.substr(cross + 1), 1, max_tokens)};
}

// The default sizes less those that the model is too short for.
std::vector<Size> parse_sizes(const BenchCommand& command, std::int64_t max_tokens) {
  const bool chosen = command.sizes != BenchCommand{}.sizes;
  std::vector<Size> sizes;
  for (const std::string& word : split_list(command.sizes)) {
    const Size size = parse_size(word, chosen ? max_tokens : std::max<std::int64_t>(max_tokens, 512));
    if (size.tokens <= max_tokens) sizes.push_back(size);
  }
  return sizes;
}

std::vector<Sequence> texts_of(const Size& size, std::int64_t vocab_size) {
  std::vector<Sequence> texts(static_cast<std::size_t>(size.texts));
  std::uint64_t state = 1;  // a plain generator, so that every run of the command has the same ids
  for (Sequence& text : texts)
    for (std::int64_t token = 0; token < size.tokens; ++token) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text.input_ids.push_back(static_cast<std::int64_t>(state >> 33) % vocab_size);
    }
  return texts;
}

// Additions and multiplications of the layers for one token, and for one pair of tokens.
double gflop_of(const Model& model, const Size& size) {
  double weights = 0;
  for (const ModuleInfo& module : model.modules())
    if (module.type == "Linear" && module.path.find(".layer.") != std::string::npos)
      weights += static_cast<double>(module.parameters.front().shape.count());
  const auto tokens = static_cast<double>(size.tokens);
  const double pairs = 4.0 * static_cast<double>(model.info().num_layers * model.info().hidden_size) * tokens;
  return 1e-9 * static_cast<double>(size.texts) * tokens * (2 * weights + pairs);
}

RunTimes scaled(RunTimes times, double factor) {
  for (double RunTimes::*part : {&RunTimes::embeddings_ms, &RunTimes::products_ms, &RunTimes::activations_ms,
                                 &RunTimes::attention_ms, &RunTimes::norms_ms, &RunTimes::other_ms})
    times.*part *= factor;
  return times;
}

/// The weights of all layers and the last hidden state, again and again for `seconds`.
Measurement measure(const Model& model, const RunOptions& options, const Size& size, double seconds) {
  constexpr int kWarmUp = 2;
  Request request = Request::attentions();
  request.last_hidden_state = true;
  const std::vector<Sequence> texts = texts_of(size, model.info().vocab_size);
  Run run(model, options);
  for (int call = 0; call < kWarmUp; ++call) run(texts, request);
  run.reset_times();
  std::vector<double> calls_ms;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    check_interrupt();
    const auto start = Clock::now();
    run(texts, request);
    calls_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  } while (Clock::now() < end);
  std::sort(calls_ms.begin(), calls_ms.end());
  return {size,
          calls_ms[calls_ms.size() / 2],
          calls_ms.front(),
          calls_ms.back(),
          gflop_of(model, size),
          scaled(run.times(), 1.0 / static_cast<double>(calls_ms.size()))};
}

std::string table_of(const std::vector<Measurement>& measurements, double peak) {
  std::string text =
      "| texts x tokens | ms, median (range) | tokens/s | GFLOP/s | of the machine's products | products | "
      "attention | norms | activations | embeddings, other |\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Measurement& m : measurements) {
    const double rate = 1e3 * m.gflop / m.median_ms;
    const RunTimes& t = m.times;
    const double total =
        t.embeddings_ms + t.products_ms + t.activations_ms + t.attention_ms + t.norms_ms + t.other_ms;
    const auto share = [total](double ms) { return 100 * ms / total; };
    text += fmt::format(
        "| {}x{} | {:.2f} ({:.2f}-{:.2f}) | {:.0f} | {:.0f} | {:.0f} % | {:.1f} % | {:.1f} % | {:.1f} % | "
        "{:.1f} % | {:.1f} % |\n",
        m.size.texts, m.size.tokens, m.median_ms, m.fastest_ms, m.slowest_ms,
        1e3 * static_cast<double>(m.size.texts * m.size.tokens) / m.median_ms, rate, 100 * rate / peak,
        share(t.products_ms), share(t.attention_ms), share(t.norms_ms), share(t.activations_ms),
        share(t.embeddings_ms + t.other_ms));
  }
  return text;
}

void write_measurement(JsonWriter& json, const Measurement& m) {
  const RunTimes& t = m.times;
  json.begin_object().key("texts").value(m.size.texts).key("tokens").value(m.size.tokens);
  json.key("median_ms").value(m.median_ms).key("fastest_ms").value(m.fastest_ms);
  json.key("slowest_ms").value(m.slowest_ms).key("gflop").value(m.gflop);
  json.key("products_ms").value(t.products_ms).key("attention_ms").value(t.attention_ms);
  json.key("norms_ms").value(t.norms_ms).key("activations_ms").value(t.activations_ms);
  json.key("embeddings_ms").value(t.embeddings_ms).key("other_ms").value(t.other_ms).end_object();
}

std::string json_of(const Model& model, const std::vector<Measurement>& measurements, double peak) {
  JsonWriter json;
  json.begin_object().key("version").value(std::string(version_string()));
  json.key("model").value(model.info().source).key("product_gflops").value(peak);
  json.key("sizes").begin_array();
  for (const Measurement& m : measurements) write_measurement(json, m);
  return json.end_array().end_object().text() + '\n';
}

void run_bench(const BenchCommand& command) {
  RunOptions options = run_options(command.compute);
  options.measure_times = true;
  const auto seconds = static_cast<double>(parse_number("--seconds", command.seconds, 1, 3600));
  const Model model = load_model(command.model);
  const std::vector<Size> sizes = parse_sizes(command, model.info().max_positions);
  const double peak = product_gflops(options.threads);
  std::vector<Measurement> measurements;
  for (const Size& size : sizes) measurements.push_back(measure(model, options, size, seconds));
  if (command.model.json) return print(json_of(model, measurements, peak));
  print(
      fmt::format("{}\n{}: attention weights of all layers and the last hidden state\n"
                  "matrix products of this machine: {:.0f} GFLOP/s\n\n",
                  version_string(), model.info().source, peak));
  print(table_of(measurements, peak));
}

}  // namespace

void setup_bench(CLI::App& app, Job& job) {
  auto* command =
      app.add_subcommand("bench", "Measure the speed of a model on this machine, as a Markdown table.");
  command->footer(
      "attnscope bench\n"
      "attnscope bench -m DIR --sizes 1x9,32x16,8x128\n"
      "attnscope bench -m DIR --threads 1 --json");
  auto options = std::make_shared<BenchCommand>();
  command->add_option("--sizes", options->sizes, "Texts x tokens; default: 1x9,1x128,8x128,2x512")
      ->type_name("LIST");
  command->add_option("--seconds", options->seconds, "For each size; default: 1")->type_name("N");
  command->add_option("-t,--threads", options->compute.threads, "1 to 256; default: one for each core")
      ->type_name("N");
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_bench(*options); }; });
}

}  // namespace attnscope::cli
