// SPDX-License-Identifier: Apache-2.0
//
// One engine of model_bench.py, which starts it and talks to it over pipes.
//
//   attention_worker MODEL IDS.safetensors attentions|hidden THREADS
//
// IDS holds, for each shape to measure, its name and input ids [batch, seq]. Commands come one a line:
//   time SHAPE SECONDS   runs the shape again and again for that long; answers the median in milliseconds
//   save SHAPE PATH      writes the attentions of every text: 0, 1, ...; answers "saved"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "attnscope/attnscope.h"

namespace {

using Clock = std::chrono::steady_clock;

std::vector<attnscope::Sequence> sequences_of(const attnscope::Tensor& ids) {
  std::vector<attnscope::Sequence> sequences;
  const std::int64_t length = ids.size(1);
  for (std::int64_t text = 0; text < ids.size(0); ++text) {
    const std::int64_t* row = ids.i64() + text * length;
    sequences.push_back({{row, row + length}, {}, {}});
  }
  return sequences;
}

class Worker {
 public:
  Worker(const std::string& model, const std::string& ids, const attnscope::Request& request, int threads)
      : ids_(attnscope::SafetensorsFile::open(ids)),
        run_(attnscope::Model::load(model), {.threads = threads}),
        request_(request) {}

  /// Median milliseconds of a call.
  double time(const std::string& shape, double seconds) {
    const auto sequences = texts(shape);
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    std::vector<double> calls_ms;
    do {
      const auto start = Clock::now();
      const attnscope::Captures captures = run_(sequences, request_);
      calls_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    } while (Clock::now() < end);
    const auto middle = calls_ms.begin() + static_cast<std::ptrdiff_t>(calls_ms.size() / 2);
    std::nth_element(calls_ms.begin(), middle, calls_ms.end());
    return *middle;
  }

  void save(const std::string& shape, const std::string& path) {
    const attnscope::Captures captures = run_(texts(shape), request_);
    std::vector<attnscope::NamedArray> arrays;
    for (const attnscope::TextCapture& text : captures.texts)
      arrays.push_back(attnscope::NamedArray::of(std::to_string(arrays.size()), text.attentions));
    attnscope::write_arrays(path, arrays);
  }

 private:
  [[nodiscard]] std::vector<attnscope::Sequence> texts(const std::string& shape) const {
    return sequences_of(ids_.tensor(*ids_.find(shape)));
  }

  attnscope::SafetensorsFile ids_;
  attnscope::Run run_;
  attnscope::Request request_;
};

void serve(Worker& worker) {
  std::string command;
  std::string shape;
  while (std::cin >> command >> shape) {
    if (command == "time") {
      double seconds = 0;
      std::cin >> seconds;
      std::cout << worker.time(shape, seconds) << std::endl;
    } else {
      std::string path;
      std::cin >> path;
      worker.save(shape, path);
      std::cout << "saved" << std::endl;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: attention_worker MODEL IDS.safetensors attentions|hidden THREADS\n";
    return 2;
  }
  try {
    attnscope::Request request = attnscope::Request::attentions();
    request.last_hidden_state = std::string(argv[3]) == "hidden";
    Worker worker(argv[1], argv[2], request, std::stoi(argv[4]));
    std::cout << attnscope::version_string() << std::endl;
    serve(worker);
  } catch (const std::exception& error) {
    std::cerr << "attention_worker: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
