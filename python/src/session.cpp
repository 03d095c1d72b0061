// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "attnscope/error.h"
#include "interrupt.h"
#include "python_text.h"
#include "shutdown.h"

namespace nb = nanobind;

namespace attnscope::python {
namespace {

std::atomic<int> chosen_threads = 0;  // 0: OpenMP's choice
std::atomic<bool> forked = false;

// Calls of several Python threads share the cores; results have the same bits whatever the number.
int threads_of_a_call() {
  if (forked) return 1;
  return std::max(1, Session::num_threads() / std::max(1, EngineCall::under_way()));
}

/// The calling thread's parallel loops use the threads of a call until it goes out of scope.
class CallThreads {
 public:
  CallThreads() { omp_set_num_threads(threads_of_a_call()); }
  ~CallThreads() { omp_set_num_threads(before_); }
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

 private:
  int before_ = omp_get_max_threads();
};

// Runs Python's signal handlers, of which Ctrl-C is one.
void poll() {
  sleep_if_ending();
  const Call* call = Call::current();
  if (call == nullptr || !call->options.on_main_thread) return;
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() == 0) return;
  nb::python_error error;
  throw_python_error(error);
}

/// poll() every 20 ms, for copies of what may be gigabytes.
class TimedPoll {
 public:
  void check() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    poll();
    next_ = now + std::chrono::milliseconds(20);
  }

 private:
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now();
};

// Work without Python's lock. A Python exception that is no Exception is turned back into one.
template <class Work>
auto in_engine(const Work& work) {
  try {
    const Unlocked unlocked;
    return work();
  } catch (Interrupt& interrupt) {
    throw nb::python_error(std::move(interrupt.error));
  }
}

// A contiguous part of a tensor, which keeps all of it alive.
Tensor part_of(const Tensor& whole, const TensorView& part) {
  return {std::make_shared<Tensor>(whole), part.data(), part.dtype(), part.shape()};
}

/// One output of all texts, padded.
struct PaddedOutput {
  const PaddedLayout& layout;
  const std::vector<TextCapture>& texts;

  // [batch, ...] of what `part` takes from the capture of each text.
  template <class Part>
  [[nodiscard]] Tensor stacked(const std::vector<int>& token_dims, const Part& part) const {
    const TensorView first = part(texts[0]);
    Tensor result(layout.padded_shape(first.shape(), token_dims));
    TimedPoll timed_poll;
    for (std::size_t text = 0; text < texts.size(); ++text) {
      timed_poll.check();
      const auto index = static_cast<std::int64_t>(text);
      layout.place(part(texts[text]), token_dims, index, Tokens::attended,
                   result.mutable_view().select(0, index));
    }
    return result;
  }

  [[nodiscard]] Tensor whole(Tensor TextCapture::*field, const std::vector<int>& token_dims) const {
    if (texts.size() == 1 && layout.is_dense()) {
      const Tensor& only = texts[0].*field;
      return only.reshape(only.shape().with_front(1));
    }
    return stacked(token_dims, [field](const TextCapture& text) { return (text.*field).view(); });
  }

  // One tensor for each index of the first dimension: layers.
  [[nodiscard]] std::vector<Tensor> by_layer(Tensor TextCapture::*field,
                                             const std::vector<int>& token_dims) const {
    std::vector<Tensor> layers;
    for (std::int64_t layer = 0; layer < (texts[0].*field).size(0); ++layer) {
      if (texts.size() == 1 && layout.is_dense()) {
        const Tensor part = part_of(texts[0].*field, (texts[0].*field).view().select(0, layer));
        layers.push_back(part.reshape(part.shape().with_front(1)));
      } else {
        layers.push_back(stacked(
            token_dims, [&](const TextCapture& text) { return (text.*field).view().select(0, layer); }));
      }
    }
    return layers;
  }
};

/// The weights of a batch in which every text has all columns, written by the engine where they are to stay.
class DenseWeights {
 public:
  /// In memory of the run, which takes it back when no array of Python is on it any longer.
  DenseWeights(const PaddedLayout& layout, const ModelInfo& info, Run& run)
      : memory_(run.memory(
            {info.num_layers, layout.batch(), info.num_heads, layout.seq_len(), layout.seq_len()})) {}

  void put_into(Request& request) {
    request.weights_memory = [values = memory_.mutable_view().f32(), shape = memory_.shape()](
                                 std::int64_t layer, std::int64_t text, std::int64_t head) {
      return values + ((layer * shape[1] + text) * shape[2] + head) * shape[3] * shape[4];
    };
  }

  [[nodiscard]] std::vector<Tensor> by_layer() const {
    std::vector<Tensor> layers;
    for (std::int64_t layer = 0; layer < memory_.size(0); ++layer)
      layers.push_back(part_of(memory_, memory_.view().select(0, layer)));
    return layers;
  }

 private:
  Tensor memory_;  // [layers, batch, heads, seq, seq]
};

/// The outputs of a call before they become Python objects.
struct Outputs {
  std::vector<std::pair<const char*, Tensor>> single;
  std::vector<std::pair<const char*, std::vector<Tensor>>> lists;
  std::vector<std::string> notices;

  Outputs(const PaddedLayout& layout, const Captures& captures, Task task) {
    const PaddedOutput padded{layout, captures.texts};
    const auto has = [&](Tensor TextCapture::*field) { return !(captures.texts[0].*field).empty(); };
    if (has(&TextCapture::last_hidden_state))
      single.emplace_back("last_hidden_state", padded.whole(&TextCapture::last_hidden_state, {0}));
    if (has(&TextCapture::pooler_output))
      single.emplace_back("pooler_output", padded.whole(&TextCapture::pooler_output, {}));
    const bool per_token = task != Task::sequence_classification;
    if (has(&TextCapture::logits))
      single.emplace_back(
          "logits", padded.whole(&TextCapture::logits, per_token ? std::vector{0} : std::vector<int>{}));
    if (has(&TextCapture::hidden_states))
      lists.emplace_back("hidden_states", padded.by_layer(&TextCapture::hidden_states, {0}));
    if (has(&TextCapture::attentions))
      lists.emplace_back("attentions", padded.by_layer(&TextCapture::attentions, {1, 2}));
    for (const TextCapture& text : captures.texts)
      notices.insert(notices.end(), text.notices.begin(), text.notices.end());
  }

  [[nodiscard]] nb::dict to_dict(Framework framework) const {
    nb::dict result;
    for (const auto& [name, tensor] : single) result[name] = to_python(tensor, framework);
    for (const auto& [name, tensors] : lists) {
      nb::list list;
      for (const Tensor& tensor : tensors) list.append(to_python(tensor, framework));
      result[name] = list;
    }
    result["notices"] = message_texts(notices);
    return result;
  }
};

Request request_of(const ForwardOptions& options, Task task) {
  Request request;
  request.weights = options.attentions;
  request.hidden_states = options.hidden_states;
  request.last_hidden_state = task == Task::none;
  request.pooler_output = task == Task::none;
  request.logits = task != Task::none;
  return request;
}

}  // namespace

/// A run of the session for the length of one call.
class Session::Lease {
 public:
  explicit Lease(Session& session) : session_(session) {
    const std::lock_guard lock(session_.mutex_);
    if (session_.idle_.empty()) {
      run_ = std::make_unique<Run>(session_.first_.sibling());
    } else {
      run_ = std::move(session_.idle_.back());
      session_.idle_.pop_back();
    }
    run_->set_threads(threads_of_a_call());
  }
  ~Lease() {
    const std::lock_guard lock(session_.mutex_);
    if (session_.idle_.size() < kMaxIdle) session_.idle_.push_back(std::move(run_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  [[nodiscard]] Run& run() { return *run_; }

 private:
  static constexpr std::size_t kMaxIdle = 8;  // each keeps its working memory
  Session& session_;
  std::unique_ptr<Run> run_;
};

Session::Session(Model model) : model_(std::move(model)), first_(model_, RunOptions{0, poll}) {}

nb::dict Session::forward(const PaddedInputs& inputs, const ForwardOptions& options,
                          const CallOptions& call) {
  const Task task = model_.info().task;
  const Outputs outputs = in_engine([&] {
    const PaddedLayout layout(inputs, options.first_token);
    const Call current(&layout, call);
    Lease lease(*this);
    Request request = request_of(options, task);
    std::optional<DenseWeights> weights;
    if (options.attentions && layout.is_dense())
      weights.emplace(layout, model_.info(), lease.run()).put_into(request);
    Outputs results(layout, lease.run()(layout.sequences(), request), task);
    if (weights) results.lists.emplace_back("attentions", weights->by_layer());
    return results;
  });
  return outputs.to_dict(call.torch ? Framework::torch : Framework::numpy);
}

Captures Session::attend(std::vector<Sequence> texts, const Request& request, const CallOptions& call) {
  return in_engine([&] {
    const PaddedLayout layout(std::move(texts));
    const Call current(&layout, call);
    Lease lease(*this);
    return lease.run()(layout.sequences(), request);
  });
}

void Session::with_run(bool on_main_thread, const std::function<void(Run&)>& work) {
  if (!handles_.empty())
    throw HookError({ErrorKind::usage,
                     "HOOK_PROBE",
                     "hooks",
                     {},
                     "methods that run the model many times do not call hooks of Python",
                     "remove them (handle.remove()), or make the change by attnscope.analysis.Interventions",
                     {},
                     {}});
  CallOptions call;
  call.on_main_thread = on_main_thread;
  with_hooked_run(call, work);
}

void Session::with_hooked_run(const CallOptions& call, const std::function<void(Run&)>& work) {
  in_engine([&] {
    const Call current(nullptr, call);
    Lease lease(*this);
    work(lease.run());
  });
}

void Session::without_model(bool on_main_thread,
                            const std::function<void(const std::function<void()>& poll)>& work) {
  in_engine([&] {
    CallOptions call;
    call.on_main_thread = on_main_thread;
    const Call current(nullptr, call);
    const CallThreads threads;
    work(poll);
  });
}

void Session::register_hook(const std::string& path, PythonHook::Point point, std::int64_t id,
                            const HookOptions& options) {
  const ModuleInfo& module = model_.module(path);
  const PythonHook hook(id, point);
  handles_[id] = point == PythonHook::Point::before ? first_.register_forward_pre_hook(module, hook, options)
                                                    : first_.register_forward_hook(module, hook, options);
}

void Session::remove_hook(std::int64_t id) { handles_.erase(id); }

void Session::set_num_threads(int threads) { chosen_threads = threads; }

int Session::num_threads() {
  const int chosen = chosen_threads.load();
  return chosen > 0 ? chosen : omp_get_max_threads();
}

void Session::after_fork() {
  forked = true;
  forget_calls();
}

}  // namespace attnscope::python
