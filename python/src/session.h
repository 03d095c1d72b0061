// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "attnscope/interventions.h"
#include "attnscope/model.h"
#include "call.h"
#include "python_hook.h"

namespace attnscope::python {

/// What one forward call is to return.
struct ForwardOptions {
  bool attentions = false;
  bool hidden_states = false;
  FirstToken first_token = FirstToken::plain;
};

/// A model and its hooks as Python sees them: any thread may call it, and each call gets a run of its own.
class Session {
 public:
  explicit Session(Model model);

  [[nodiscard]] const Model& model() const { return model_; }

  /// Runs padded inputs.
  /// Returns: a dict of arrays: last_hidden_state, pooler_output, logits where they exist; lists
  ///          attentions and hidden_states if asked for; notices.
  [[nodiscard]] nanobind::dict forward(const PaddedInputs& inputs, const ForwardOptions& options,
                                       const CallOptions& call);
  /// Runs texts of any length; only hooks see them padded.
  [[nodiscard]] Captures attend(std::vector<Sequence> texts, const Request& request, const CallOptions& call);

  /// Work of the library that runs the model as often as it likes, without Python's lock.
  /// Throws:  HookError (HOOK_PROBE) while hooks of Python are registered: they see the texts of one call.
  void with_run(bool on_main_thread, const std::function<void(Run&)>& work);
  /// The same with the hooks of Python, which see the texts of every run as if padded on the right.
  void with_hooked_run(const CallOptions& call, const std::function<void(Run&)>& work);
  /// Work of the library without a model and without Python's lock, on the threads of one call. `work` gets
  /// the function that it is to poll with.
  static void without_model(bool on_main_thread,
                            const std::function<void(const std::function<void()>& poll)>& work);

  /// Puts edits into every call to come, until the handles go.
  [[nodiscard]] std::vector<HookHandle> apply(const Interventions& edits) { return edits.apply(first_); }

  void register_hook(const std::string& path, PythonHook::Point point, std::int64_t id,
                     const HookOptions& options);
  void remove_hook(std::int64_t id);

  /// Threads of one call; calls at the same time share them.
  static void set_num_threads(int threads);
  [[nodiscard]] static int num_threads();
  /// In the child of a fork the pool of OpenMP's threads is gone: from now on one thread a call.
  static void after_fork();

 private:
  class Lease;

  Model model_;
  Run first_;  // holds the hooks and is never run itself: the others are its siblings
  std::mutex mutex_;
  std::vector<std::unique_ptr<Run>> idle_;
  std::map<std::int64_t, HookHandle> handles_;
};

}  // namespace attnscope::python
