// SPDX-License-Identifier: Apache-2.0
//
// Hooks that throw, and hooks that ask for what cannot be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kAttn = "transformer.layer.1.attention.attn";

struct OwnError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class HookErrors : public testing::Test {
 protected:
  TextCapture forward(std::int64_t length = 5) {
    return run_({random_text(length, 1)}, everything()).texts.at(0);
  }
  void throw_at(const std::string& path) {
    handles_.push_back(run_.register_forward_hook(path, [](HookEvent&) { throw OwnError("from a hook"); }));
  }
  void note_always(const std::string& path, const std::string& name) {
    handles_.push_back(run_.register_forward_hook(path, [this, name](HookEvent&) { log_.push_back(name); },
                                                  {.always_call = true}));
  }
  void forward_throws() {
    try {
      forward();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const OwnError& error) {
      EXPECT_STREQ(error.what(), "from a hook");
    }
  }
  /// The forward with this hook ends in `code`; without it the run works as before.
  ErrorInfo refused(const std::string& code, const std::string& path, const Hook& hook) {
    const TextCapture before = forward();
    ErrorInfo info;
    {
      const HookHandle handle = run_.register_forward_hook(path, hook);
      info = expect_error(code, [&] { forward(); });
    }
    EXPECT_TRUE(same_bits(forward(), before)) << "the run cannot be used again";
    return info;
  }

  Model model_ = load_model(TinySpec{});
  ModelRun run_{model_, {.threads = 1}};
  std::vector<std::string> log_;
  std::vector<HookHandle> handles_;
};

TEST_F(HookErrors, ReachTheCallerUnchangedAndLeaveTheRunUsable) {
  const TextCapture before = forward();
  throw_at(kAttn);
  forward_throws();
  forward_throws();
  handles_.clear();
  EXPECT_TRUE(same_bits(forward(), before));
}

TEST_F(HookErrors, OfAPreHookReachTheCallerUnchanged) {
  handles_.push_back(
      run_.register_forward_pre_hook(kAttn, [](HookEvent&) { throw OwnError("from a hook"); }));
  forward_throws();
}

TEST_F(HookErrors, ThatAreNoExceptionTypesOfTheLibraryReachTheCallerToo) {
  handles_.push_back(run_.register_forward_hook(kAttn, [](HookEvent&) { throw 42; }));
  EXPECT_THROW(forward(), int);
  handles_.clear();
  EXPECT_NO_THROW(forward());
}

TEST_F(HookErrors, ThatAreNoStandardExceptionsPassAlwaysCalledHooksBy) {
  handles_.push_back(run_.register_forward_hook(kAttn, [](HookEvent&) { throw 42; }));
  for (const char* path : {kAttn, "transformer.layer.1.attention", ""}) note_always(path, path);
  EXPECT_THROW(forward(), int);
  EXPECT_TRUE(log_.empty());
}

TEST_F(HookErrors, SkipLaterHooksUnlessTheyAreAlwaysCalled) {
  throw_at(kAttn);
  handles_.push_back(run_.register_forward_hook(kAttn, [&](HookEvent&) { log_.push_back("skipped"); }));
  note_always(kAttn, "always");
  forward_throws();
  EXPECT_THAT(log_, ElementsAre("always"));
}

TEST_F(HookErrors, DoNotCallAnAlwaysCalledHookTwice) {
  note_always(kAttn, "always");
  throw_at(kAttn);
  forward_throws();
  EXPECT_THAT(log_, ElementsAre("always"));
}

TEST_F(HookErrors, OfAModuleCallAlwaysCalledHooksOnTheWayOut) {
  throw_at("transformer.layer.1.attention.q_lin");
  std::vector<std::size_t> outputs;
  for (const char* path : {kAttn, "transformer.layer.1.attention", "transformer.layer.1", ""})
    handles_.push_back(run_.register_forward_hook(path,
                                                  [&](HookEvent& event) {
                                                    log_.push_back(event.path());
                                                    outputs.push_back(event.num_outputs());
                                                  },
                                                  {.always_call = true}));
  forward_throws();
  EXPECT_THAT(log_, ElementsAre("transformer.layer.1.attention", "transformer.layer.1", ""));
  EXPECT_THAT(outputs, ElementsAre(0, 0, 0));
}

TEST_F(HookErrors, AreToldToAlwaysCalledHooksThatFireAfterThem) {
  std::vector<bool> failed;
  const auto note = [&](HookEvent& event) { failed.push_back(event.failed()); };
  handles_.push_back(run_.register_forward_hook(kAttn, note, {.always_call = true}));
  forward();
  throw_at(kAttn);
  for (const char* path : {kAttn, "transformer.layer.1.attention"})
    handles_.push_back(run_.register_forward_hook(path, note, {.always_call = true}));
  forward_throws();
  EXPECT_THAT(failed, ElementsAre(false, false, true, true))
      << "the first hook fires before the one that throws";
}

TEST_F(HookErrors, OfAnAlwaysCalledHookDoNotHideTheFirst) {
  throw_at(kAttn);
  handles_.push_back(run_.register_forward_hook(kAttn, [](HookEvent&) { throw std::logic_error("second"); },
                                                {.always_call = true}));
  note_always(kAttn, "after the second");
  forward_throws();
  EXPECT_THAT(log_, ElementsAre("after the second"));
}

TEST_F(HookErrors, OfAnAlwaysCalledHookAloneReachTheCaller) {
  handles_.push_back(run_.register_forward_hook(kAttn, [](HookEvent&) { throw OwnError("from a hook"); },
                                                {.always_call = true}));
  forward_throws();
}

TEST_F(HookErrors, Row69_NameTheModuleWhoseOutputGotAnotherShape) {
  const Tensor wrong({1, 4, 5, 4});
  const ErrorInfo info =
      refused("HOOK_SHAPE", kAttn, [&](HookEvent& event) { event.replace_output(0, wrong.view()); });
  EXPECT_EQ(info.kind, ErrorKind::input);
  EXPECT_EQ(info.field, kAttn);
  EXPECT_THAT(to_string(info), AllOf(HasSubstr(kAttn), HasSubstr("[1, 4, 5, 4]"), HasSubstr("[1, 4, 5, 5]")));
}

TEST_F(HookErrors, NameTheModuleWhoseTextGotAnotherShape) {
  const Tensor wrong({1, 4, 5, 5});
  const ErrorInfo info =
      refused("HOOK_SHAPE", kAttn, [&](HookEvent& event) { event.replace_output(0, 0, wrong.view()); });
  EXPECT_THAT(to_string(info), AllOf(HasSubstr(kAttn), HasSubstr("expected [4, 5, 5]")));
}

TEST_F(HookErrors, NameTheModuleWhoseOutputGotAnotherType) {
  const Tensor wrong({1, 4, 5, 5}, DType::i64);
  const ErrorInfo info =
      refused("HOOK_SHAPE", kAttn, [&](HookEvent& event) { event.replace_output(0, wrong.view()); });
  EXPECT_THAT(to_string(info), AllOf(HasSubstr(kAttn), HasSubstr("I64"), HasSubstr("F32")));
}

TEST_F(HookErrors, Row69_NameTheModuleWhoseOutputGotNaN) {
  for (const char* path : {kAttn, "embeddings", "transformer.layer.2", ""}) {
    const ErrorInfo info = refused("HOOK_SHAPE", path, [](HookEvent& event) {
      event.edit_output(0).select(0, 0).fill(std::numeric_limits<float>::quiet_NaN());
    });
    EXPECT_EQ(info.field, path);
    EXPECT_THAT(info.what, HasSubstr("NaN"));
  }
}

TEST_F(HookErrors, ForNaNDoNotComeLateEvenIfNobodyLooksAtIt) {
  handles_.push_back(run_.register_forward_hook("transformer.layer.0", [](HookEvent& event) {
    event.edit_output(0).fill(std::numeric_limits<float>::quiet_NaN());
  }));
  handles_.push_back(
      run_.register_forward_hook("transformer.layer.0", [&](HookEvent&) { log_.push_back("saw NaN"); }));
  expect_error("HOOK_SHAPE", [&] { forward(); });
  EXPECT_TRUE(log_.empty());
}

TEST_F(HookErrors, TellTheTimeAtWhichAValueMayBeChanged) {
  refused("HOOK_PHASE", kAttn, [](HookEvent& event) { static_cast<void>(event.edit_input(0)); });
  const HookHandle handle = run_.register_forward_pre_hook(
      kAttn, [](HookEvent& event) { static_cast<void>(event.edit_output(0)); });
  EXPECT_THROW(forward(), HookError);
}

TEST_F(HookErrors, TellHowManyValuesAndTextsThereAre) {
  EXPECT_THAT(refused("HOOK_INDEX", kAttn, [](HookEvent& event) { static_cast<void>(event.output(2)); }).what,
              AllOf(HasSubstr("output 2"), HasSubstr("2")));
  refused("HOOK_INDEX", kAttn, [](HookEvent& event) { static_cast<void>(event.input(3)); });
  refused("HOOK_INDEX", kAttn, [](HookEvent& event) { static_cast<void>(event.output(0).text(1)); });
  refused("HOOK_INDEX", kAttn, [](HookEvent& event) { static_cast<void>(event.output(0).text(-1)); });
  refused("HOOK_INDEX", kAttn, [](HookEvent& event) { static_cast<void>(event.edit_output(0, 1)); });
  refused("HOOK_INDEX", kAttn, [](HookEvent& event) { static_cast<void>(event.seq_len(1)); });
}

TEST_F(HookErrors, Row68_StopAHundredThousandHooks) {
  const std::int64_t modules = static_cast<std::int64_t>(model_.modules().size());
  const ErrorInfo info = expect_error("HOOK_LIMIT", [&] {
    for (std::int64_t hooks = 0; hooks <= 100'000 + modules; hooks += modules)
      handles_.push_back(run_.register_forward_hook("**", [](HookEvent&) {}));
  });
  EXPECT_EQ(info.kind, ErrorKind::limit);
  handles_.clear();
  forward();
}

TEST_F(HookErrors, RefuseTheRunThatIsRunning) {
  const ErrorInfo info = refused("RUN_BUSY", kAttn, [&](HookEvent&) { run_({random_text(2, 1)}); });
  EXPECT_EQ(info.kind, ErrorKind::usage);
  EXPECT_THAT(info.hint, HasSubstr("second Run"));
}

TEST_F(HookErrors, DoNotRefuseASecondRunOfTheSameModelInsideAHook) {
  const TextCapture before = forward();
  TextCapture inner;
  ModelRun second(model_, {.threads = 1});
  handles_.push_back(run_.register_forward_hook(
      "**", [&](HookEvent&) { inner = second({random_text(5, 1)}, everything()).texts.at(0); }));
  EXPECT_TRUE(same_bits(forward(), before));
  EXPECT_TRUE(same_bits(inner, before));
}

}  // namespace
}  // namespace attnscope
