// SPDX-License-Identifier: Apache-2.0
//
// Our engine of model_bench.py, which starts it and talks to it over pipes.
//
//   attention_worker MODEL IDS.safetensors REQUEST THREADS [fp32|bf16]
//
// REQUEST is made of terms, separated by ';': attentions (weights of all layers), last_hidden_state,
// layers=0,1  heads=3  rows=0  reduce=mean (weights of these), statistics (of all rows, which need no
// tokenizer); or scan: the logits of a classifier with each head ablated alone. IDS holds the workloads:
// input ids [batch, seq] under the name of the shape, or texts of different lengths one after another under
// NAME and NAME.lengths. Commands come one a line:
//   time WORKLOAD SECONDS   runs it again and again for that long; answers the median in milliseconds
//   save WORKLOAD PATH      writes the attentions (logits) of every text: 0, 1, ...; answers "saved"
// A command that fails is answered by a line that begins with "error:".

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "attnscope/attnscope.h"

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::int64_t> numbers(const std::string& text) {
  std::vector<std::int64_t> values;
  std::istringstream stream(text);
  for (std::string value; std::getline(stream, value, ',');) values.push_back(std::stoll(value));
  return values;
}

void add_term(attnscope::Request& request, const std::string& term) {
  const std::size_t equals = term.find('=');
  const std::string name = term.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : term.substr(equals + 1);
  if (name == "last_hidden_state") {
    request.last_hidden_state = true;
    return;
  }
  if (term == "statistics") {
    request.statistics = {attnscope::Statistic::entropy,  attnscope::Statistic::max,
                          attnscope::Statistic::distance, attnscope::Statistic::self,
                          attnscope::Statistic::previous, attnscope::Statistic::next};
    return;
  }
  request.weights = true;
  if (name == "layers")
    request.layers = numbers(value);
  else if (name == "heads")
    request.heads = numbers(value);
  else if (name == "rows")
    request.rows = numbers(value);
  else if (term == "reduce=mean")
    request.reduce = attnscope::Reduce::mean;
  else if (term != "attentions")
    throw std::invalid_argument("this library has no request '" + term + "'");
}

attnscope::Request parse_request(const std::string& text) {
  attnscope::Request request;
  std::istringstream stream(text);
  for (std::string term; std::getline(stream, term, ';');) add_term(request, term);
  return request;
}

attnscope::LoadOptions parse_precision(const std::string& precision) {
  attnscope::LoadOptions options;
  if (precision == "bf16")
    options.precision = attnscope::Precision::bf16;
  else if (precision != "fp32")
    throw std::invalid_argument("this library does not compute in " + precision);
  return options;
}

std::vector<attnscope::Sequence> sequences_of(const attnscope::SafetensorsFile& file,
                                              const std::string& workload) {
  const attnscope::TensorEntry* entry = file.find(workload);
  if (entry == nullptr) throw std::invalid_argument("no ids for '" + workload + "'");
  const attnscope::Tensor ids = file.tensor(*entry);
  std::vector<std::int64_t> lengths;
  if (const auto* ragged = file.find(workload + ".lengths")) {
    const attnscope::Tensor tensor = file.tensor(*ragged);
    lengths.assign(tensor.i64(), tensor.i64() + tensor.size(0));
  } else {
    lengths.assign(static_cast<std::size_t>(ids.size(0)), ids.size(1));
  }
  std::vector<attnscope::Sequence> sequences;
  const std::int64_t* next = ids.i64();
  for (const std::int64_t length : lengths) {
    sequences.push_back({{next, next + length}});
    next += length;
  }
  return sequences;
}

/// What is timed and saved.
class Work {
 public:
  virtual ~Work() = default;
  /// Giving the results back is not timed.
  [[nodiscard]] virtual attnscope::Captures run(const std::vector<attnscope::Sequence>& texts) = 0;
  /// One array a text.
  [[nodiscard]] virtual std::vector<attnscope::Tensor> results(
      const std::vector<attnscope::Sequence>& texts) = 0;
};

class Attention : public Work {
 public:
  Attention(const attnscope::Model& model, const attnscope::Request& request, int threads)
      : run_(model, {.threads = threads}), request_(request) {}

  [[nodiscard]] attnscope::Captures run(const std::vector<attnscope::Sequence>& texts) override {
    return run_(texts, request_);
  }
  [[nodiscard]] std::vector<attnscope::Tensor> results(
      const std::vector<attnscope::Sequence>& texts) override {
    std::vector<attnscope::Tensor> attentions;
    for (const attnscope::TextCapture& text : run_(texts, request_).texts)
      attentions.push_back(text.attentions);
    return attentions;
  }

 private:
  attnscope::Run run_;
  attnscope::Request request_;
};

class Scan : public Work {
 public:
  Scan(const attnscope::Model& model, int threads) : run_(model, {.threads = threads}) {}

  [[nodiscard]] attnscope::Captures run(const std::vector<attnscope::Sequence>& texts) override {
    static_cast<void>(results(texts));
    return {};
  }
  [[nodiscard]] std::vector<attnscope::Tensor> results(
      const std::vector<attnscope::Sequence>& texts) override {
    std::vector<attnscope::Tensor> logits;
    for (const attnscope::Sequence& text : texts)
      logits.push_back(attnscope::ablation_scan(run_, text).ablated);
    return logits;
  }

 private:
  attnscope::Run run_;
};

std::unique_ptr<Work> make_work(const attnscope::Model& model, const std::string& request, int threads) {
  if (request == "scan") return std::make_unique<Scan>(model, threads);
  return std::make_unique<Attention>(model, parse_request(request), threads);
}

class Worker {
 public:
  Worker(const std::string& ids, std::unique_ptr<Work> work)
      : ids_(attnscope::SafetensorsFile::open(ids)), work_(std::move(work)) {}

  /// Median milliseconds of a call.
  double time(const std::string& workload, double seconds) {
    const auto sequences = sequences_of(ids_, workload);
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    std::vector<double> calls_ms;
    do {
      const auto start = Clock::now();
      const attnscope::Captures captures = work_->run(sequences);
      calls_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    } while (Clock::now() < end);
    const auto middle = calls_ms.begin() + static_cast<std::ptrdiff_t>(calls_ms.size() / 2);
    std::nth_element(calls_ms.begin(), middle, calls_ms.end());
    return *middle;
  }

  void save(const std::string& workload, const std::string& path) {
    std::vector<attnscope::NamedArray> arrays;
    for (const attnscope::Tensor& result : work_->results(sequences_of(ids_, workload)))
      arrays.push_back(attnscope::NamedArray::of(std::to_string(arrays.size()), result));
    attnscope::write_arrays(path, arrays);
  }

 private:
  attnscope::SafetensorsFile ids_;
  std::unique_ptr<Work> work_;
};

void answer(Worker& worker, const std::string& command, const std::string& workload,
            const std::string& argument) {
  if (command == "time") {
    std::cout << worker.time(workload, std::stod(argument)) << std::endl;
  } else {
    worker.save(workload, argument);
    std::cout << "saved" << std::endl;
  }
}

void serve(Worker& worker) {
  std::string command;
  std::string workload;
  std::string argument;
  while (std::cin >> command >> workload >> argument) {
    try {
      answer(worker, command, workload, argument);
    } catch (const std::exception& error) {
      std::cout << "error: " << error.what() << std::endl;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) {
    std::cerr << "usage: attention_worker MODEL IDS.safetensors REQUEST THREADS [fp32|bf16]\n";
    return 2;
  }
  try {
    const attnscope::LoadOptions options = parse_precision(argc == 6 ? argv[5] : "fp32");
    const attnscope::Model model = attnscope::Model::load(argv[1], options);
    Worker worker(argv[2], make_work(model, argv[3], std::stoi(argv[4])));
    std::cout << attnscope::version_string() << std::endl;
    serve(worker);
  } catch (const std::exception& error) {
    std::cerr << "attention_worker: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
