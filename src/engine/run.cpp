// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "attnscope/model.h"
#include "core/memory_pool.h"
#include "core/message.h"
#include "engine/captures.h"
#include "engine/make_batch.h"
#include "engine/model_impl.h"
#include "engine/request.h"
#include "nn/execution.h"
#include "nn/threads.h"

namespace attnscope {

struct HookHandle::Removal {
  std::weak_ptr<nn::HookTable> hooks;
  std::uint64_t id = 0;
};

void HookHandle::RemovalDeleter::operator()(Removal* removal) const noexcept { delete removal; }

void HookHandle::remove() noexcept {
  if (removal_ == nullptr) return;
  if (const auto hooks = removal_->hooks.lock()) hooks->remove(removal_->id);
  removal_.reset();
}

bool HookHandle::active() const noexcept {
  if (removal_ == nullptr) return false;
  const auto hooks = removal_->hooks.lock();
  return hooks != nullptr && hooks->contains(removal_->id);
}

struct Run::Impl {
  std::shared_ptr<const Model::Impl> model;
  RunOptions options;
  nn::RunState state;
  MemoryPool pool;
  bool running = false;

  HookHandle add_hook(nn::HookPoint point, std::string_view path, Hook hook,
                      const HookOptions& hook_options) {
    const std::vector<std::size_t> modules = model->modules.match(path);
    const std::uint64_t id = state.hooks->add(point, modules, std::move(hook), hook_options);
    if (id == 0)
      throw LimitError(problem(ErrorKind::limit, "HOOK_LIMIT", "hooks")
                           .field(std::string(path))
                           .found("{} hooks in one run, at most {}", state.hooks->size() + modules.size(),
                                  nn::HookTable::kMaxHooks)
                           .hint("remove hooks that are done, or let one hook serve several modules"));
    return HookHandle(new HookHandle::Removal{state.hooks, id});
  }

  [[nodiscard]] TokenGroups token_groups(const nn::Batch& batch) const;
  Captures run(const nn::Batch& batch, const Request& request);
  Captures run_in_groups(const std::vector<Sequence>& texts, const Request& request);
};

namespace {

/// Marks a run as busy for as long as it lives.
class Busy {
 public:
  explicit Busy(bool& flag) : flag_(flag) {
    if (flag_)
      throw InvalidArgument(
          problem(ErrorKind::usage, "RUN_BUSY", "run")
              .found("the run was called from inside one of its own hooks")
              .hint("make a second Run of the same model for that; it costs next to nothing"));
    flag_ = true;
  }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool& flag_;
};

void check_threads(int threads) {
  if (threads < 0)
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "run")
                              .field("threads")
                              .found("{}", threads)
                              .hint("give the number of threads, or 0 for the default"));
}

nn::Value input_of(const nn::Batch& batch, std::int64_t hidden_size) {
  if (batch.inputs_embeds.has_value()) return {nn::Layout::embeds, batch.inputs_embeds->data(), hidden_size};
  return {nn::Layout::ids, batch.input_ids.data()};
}

// Contexts that are given are those of the first layer that runs, which then has no weights.
void check_contexts(const CheckedRequest& checked, const nn::Batch& batch) {
  if (!batch.contexts.has_value()) return;
  const std::optional<std::int64_t> first = checked.request.from_layer;
  const bool wants_weights = std::count(checked.layers.begin(), checked.layers.end(), first.value_or(0)) > 0;
  if (first.has_value() && !wants_weights) return;
  throw InvalidArgument(
      problem(ErrorKind::usage, "REQUEST", "request")
          .field("contexts")
          .found("{}",
                 first ? "weights of the layer whose contexts are given" : "contexts without from_layer")
          .hint("set from_layer to their layer, and ask for weights of the layers behind it"));
}

// The root's outputs: of a task head the logits, of a bare encoder its hidden state and pooled state.
void keep_outputs(CaptureWriter& captures, Task task, const nn::Values& outputs) {
  if (task != Task::none) return captures.logits(outputs);
  if (outputs.size() > 0 && outputs[0].present()) captures.last_hidden_state(outputs[0]);
  if (outputs.size() > 1) captures.pooler_output(outputs[1]);
}

}  // namespace

TokenGroups Run::Impl::token_groups(const nn::Batch& batch) const {
  if (batch.inputs_embeds.has_value())
    throw InvalidArgument(problem(ErrorKind::usage, "REQUEST", "request")
                              .field("statistics")
                              .found("cls, sep and punctuation of inputs_embeds")
                              .hint("give ids, which say what the tokens are, or leave these out"));
  return {batch, Model(model).tokenizer()};
}

Captures Run::Impl::run(const nn::Batch& batch, const Request& request) {
  const Busy busy(running);
  const nn::Timed timed(state.times, nn::Part::other);
  const nn::ThreadCount threads(options.threads);
  const Network& network = model->network;
  const CheckedRequest checked = check_request(request, network.num_layers, network.num_heads);
  check_contexts(checked, batch);
  if (request.from_layer.has_value() && batch.num_texts() > 0 && !batch.inputs_embeds.has_value())
    throw InvalidArgument(
        problem(ErrorKind::usage, "REQUEST", "request")
            .field("from_layer")
            .found("texts without inputs_embeds")
            .hint("give the hidden states that layer {} receives as inputs_embeds", *request.from_layer));
  nn::Plan plan = make_plan(checked, network, model->modules, *state.hooks);
  if (request.rows.has_value()) plan.rows = rows_of(*request.rows, batch);
  const TokenGroups groups = needs_token_groups(request) ? token_groups(batch) : TokenGroups();
  CaptureWriter captures(checked, batch, plan, groups, network, pool, state.poll);
  if (batch.num_texts() == 0) return captures.take();

  state.workspace.next();
  state.attention_work.reset();
  nn::Execution execution(batch, plan, captures, state);
  const nn::Value input = input_of(batch, network.hidden_size);
  keep_outputs(captures, model->info.task, execution.call(*network.root, {input}));
  return captures.take();
}

namespace {

// Texts of which a run computes at once so many tokens, if no hook sees them together: the states of a layer
// then stay in the last-level cache, and working memory does not grow with the batch.
constexpr std::int64_t kTokensAtOnce = 1024;

/// Texts [first, last) of a run.
struct TextGroup {
  std::size_t first;
  std::size_t last;
};

std::vector<TextGroup> groups_of(const nn::Batch& batch) {
  std::vector<TextGroup> groups{{0, 0}};
  std::int64_t tokens = 0;
  for (std::int64_t text = 0; text < batch.num_texts(); ++text) {
    const bool full = tokens > 0 && tokens + batch.seq_len(text) > kTokensAtOnce;
    if (full) {
      groups.push_back({groups.back().last, groups.back().last});
      tokens = 0;
    }
    ++groups.back().last;
    tokens += batch.seq_len(text);
  }
  return groups;
}

// A request for texts that are counted from `first`.
Request request_from(const Request& request, std::int64_t first) {
  Request part = request;
  if (request.weights_memory)
    part.weights_memory = [&request, first](std::int64_t layer, std::int64_t text, std::int64_t head) {
      return request.weights_memory(layer, first + text, head);
    };
  return part;
}

}  // namespace

Captures Run::Impl::run_in_groups(const std::vector<Sequence>& texts, const Request& request) {
  const nn::Batch all = make_batch(texts, model->network);
  const bool together = !state.hooks->empty() || all.num_texts() <= 1 || all.num_tokens() <= kTokensAtOnce;
  if (together) return run(all, request);
  // What is wrong is found before work begins, and named by the number of the text among all.
  static_cast<void>(check_request(request, model->network.num_layers, model->network.num_heads));
  if (request.rows.has_value()) static_cast<void>(rows_of(*request.rows, all));
  Captures captures;
  for (const TextGroup& group : groups_of(all)) {
    const auto at = [&](std::size_t index) { return texts.begin() + static_cast<std::ptrdiff_t>(index); };
    const nn::Batch batch = make_batch({at(group.first), at(group.last)}, model->network);
    Captures part = run(batch, request_from(request, static_cast<std::int64_t>(group.first)));
    captures.layers = std::move(part.layers);
    captures.heads = std::move(part.heads);
    captures.statistics = std::move(part.statistics);
    std::move(part.texts.begin(), part.texts.end(), std::back_inserter(captures.texts));
  }
  return captures;
}

Run::Run(const Model& model, const RunOptions& options) : impl_(std::make_unique<Impl>()) {
  check_threads(options.threads);
  impl_->model = model.impl_;
  impl_->options = options;
  impl_->state.poll = Poll(options.poll);
  impl_->state.hooks = std::make_shared<nn::HookTable>(model.impl_->modules.size());
  reset_times();
}

Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Model Run::model() const { return Model(impl_->model); }

Tensor Run::memory(const Shape& shape) { return impl_->pool.tensor(shape); }

RunTimes Run::times() const {
  const nn::Times& times = impl_->state.times;
  return {times.ms(nn::Part::embeddings), times.ms(nn::Part::products), times.ms(nn::Part::activations),
          times.ms(nn::Part::attention),  times.ms(nn::Part::norms),    times.ms(nn::Part::other)};
}

void Run::reset_times() {
  impl_->state.times = {};
  if (impl_->options.measure_times) impl_->state.times.enable();
}

Run Run::sibling() const {
  Run run(Model(impl_->model), impl_->options);
  run.impl_->state.hooks = impl_->state.hooks;
  return run;
}

Run Run::fork() const {
  Run run(Model(impl_->model), impl_->options);
  run.impl_->state.hooks = std::make_shared<nn::HookTable>(*impl_->state.hooks);
  return run;
}

const RunOptions& Run::options() const { return impl_->options; }

void Run::set_threads(int threads) {
  check_threads(threads);
  impl_->options.threads = threads;
}

HookHandle Run::register_forward_pre_hook(std::string_view path, Hook hook, const HookOptions& options) {
  return impl_->add_hook(nn::HookPoint::before, path, std::move(hook), options);
}
HookHandle Run::register_forward_hook(std::string_view path, Hook hook, const HookOptions& options) {
  return impl_->add_hook(nn::HookPoint::after, path, std::move(hook), options);
}
HookHandle Run::register_forward_pre_hook(const ModuleInfo& module, Hook hook, const HookOptions& options) {
  return register_forward_pre_hook(module.path, std::move(hook), options);
}
HookHandle Run::register_forward_hook(const ModuleInfo& module, Hook hook, const HookOptions& options) {
  return register_forward_hook(module.path, std::move(hook), options);
}

Captures Run::operator()(const std::vector<Sequence>& texts, const Request& request) {
  return impl_->run_in_groups(texts, request);
}

Captures Run::operator()(const std::vector<Encoding>& texts, const Request& request) {
  std::vector<Sequence> sequences;
  for (const Encoding& text : texts) sequences.push_back({text.input_ids, text.token_type_ids, {}});
  return (*this)(sequences, request);
}

Captures Run::operator()(const std::vector<std::string>& texts, const Request& request) {
  const Tokenizer& tokenizer = Model(impl_->model).tokenizer();
  std::vector<Encoding> encodings;
  for (const std::string& text : texts) {
    impl_->state.poll.check();
    encodings.push_back(tokenizer.encode(text));
  }
  return (*this)(encodings, request);
}

Captures Run::operator()(const std::string& text, const Request& request) {
  return (*this)(std::vector<std::string>{text}, request);
}

}  // namespace attnscope
