// SPDX-License-Identifier: Apache-2.0
//
// Models of weights that somebody else has loaded, and the small files of a model.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

ModelParts parts_of(const TinySpec& spec, const WeightMap& weights) {
  const TemporaryDirectory directory;
  write_model(directory, spec, weights);
  ModelParts parts;
  parts.tensors = weights;
  for (const char* name : {"config.json", "vocab.txt", "tokenizer_config.json"})
    parts.files[name] = read_model_file(directory.path(""), name).value();
  return parts;
}

Tensor first_value(const Model& model, const std::string& path) {
  return model.module(path).parameters.at(0).value();
}

class FromMemory : public testing::TestWithParam<const char*> {};

TEST_P(FromMemory, AModelGivesTheBitsOfOneFromFiles) {
  for (const Task task : {Task::none, Task::masked_lm, Task::sequence_classification,
                          Task::token_classification, Task::question_answering}) {
    const TinySpec spec{.model_type = GetParam(), .task = task};
    const WeightMap weights = random_weights(spec);
    const Model from_files = load_model(spec, weights);
    const Model from_memory = Model::from_memory(parts_of(spec, weights));
    const std::string text = "This is a simple example sentence.";
    EXPECT_TRUE(same_bits(ModelRun(from_memory)(text, everything()).texts.at(0),
                          ModelRun(from_files)(text, everything()).texts.at(0)));
    EXPECT_EQ(from_memory.info().architecture, from_files.info().architecture);
    EXPECT_EQ(from_memory.info().labels, from_files.info().labels);
    EXPECT_EQ(from_memory.info().num_parameters, from_files.info().num_parameters);
    EXPECT_EQ(from_memory.info().source, "memory");
    EXPECT_EQ(from_memory.info().directory, "");
    EXPECT_THAT(from_memory.info().notices, IsEmpty());
  }
}

TEST_P(FromMemory, AModelUsesTensorsWhereTheyAreAndKeepsThem) {
  const TinySpec spec{.model_type = GetParam(), .task = Task::masked_lm};
  ModelParts parts = parts_of(spec, random_weights(spec));
  const std::string name = spec.model_type + ".embeddings.word_embeddings";
  const float* memory = parts.tensors.at(name + ".weight").f32();
  const std::weak_ptr<int> alive = [&] {
    const auto owner = std::make_shared<int>();
    Tensor& tensor = parts.tensors.at(name + ".weight");
    const auto both = std::make_shared<std::pair<std::shared_ptr<int>, Tensor>>(owner, tensor);
    tensor = Tensor(both, memory, DType::f32, tensor.shape());
    return owner;
  }();
  {
    const Model model = Model::from_memory(parts);
    parts = {};
    EXPECT_EQ(first_value(model, name).f32(), memory);
    EXPECT_FALSE(alive.expired());
  }
  EXPECT_TRUE(alive.expired());
}

INSTANTIATE_TEST_SUITE_P(Models, FromMemory, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST(ModelParts, MayHoldHalfPrecision) {
  const TinySpec spec;
  ModelParts parts = parts_of(spec, random_weights(spec));
  Tensor ones({32}, DType::bf16);
  auto* bits = static_cast<std::uint16_t*>(const_cast<void*>(ones.mutable_view().data()));
  std::fill_n(bits, 32, std::uint16_t{0x3F80});
  parts.tensors.at("embeddings.LayerNorm.weight") = ones;
  const Model model = Model::from_memory(parts);
  const Tensor value = first_value(model, "embeddings.LayerNorm");
  EXPECT_TRUE(same_bits(value, Tensor::of({32}, std::vector<float>(32, 1.0F))));
}

TEST(ModelParts, WithoutATokenizerMakeAModelWithoutOne) {
  const TinySpec spec;
  ModelParts parts = parts_of(spec, random_weights(spec));
  parts.label = "a model of torch";
  parts.files.erase("vocab.txt");
  const Model model = Model::from_memory(parts);
  ModelRun run(model);
  EXPECT_NO_THROW(run({random_text(4, 1)}));
  const ErrorInfo info = expect_error("TOK_MISSING", [&] { static_cast<void>(model.tokenizer()); });
  EXPECT_EQ(info.file, "a model of torch");
}

TEST(ModelParts, ThatAreWrongAreCalledByTheirLabel) {
  const TinySpec spec;
  const ModelParts good = parts_of(spec, random_weights(spec));
  const auto refused = [&](const char* code, const auto& spoil) {
    ModelParts parts = good;
    parts.label = "torch";
    spoil(parts);
    return to_string(
        expect_error(code, [&] { static_cast<void>(Model::from_memory(parts, {.check_finite = true})); }));
  };
  EXPECT_THAT(refused("CFG_MISSING", [](ModelParts& parts) { parts.files.clear(); }),
              HasSubstr("torch/config.json"));
  EXPECT_THAT(refused("CFG_MISMATCH",
                      [](ModelParts& parts) { parts.tensors["embeddings.LayerNorm.bias"] = Tensor({16}); }),
              HasSubstr("torch: tensor 'embeddings.LayerNorm.bias': has shape [16], expected [32] by "
                        "torch/config.json"));
  EXPECT_THAT(
      refused("MODEL_TENSOR", [](ModelParts& parts) { parts.tensors.erase("embeddings.LayerNorm.bias"); }),
      HasSubstr("embeddings.LayerNorm.bias"));
  EXPECT_THAT(refused("MODEL_TENSOR",
                      [](ModelParts& parts) { parts.tensors["embeddings.LayerNorm.bias"] = Tensor(); }),
              HasSubstr("torch: tensor 'embeddings.LayerNorm.bias': has no memory"));
  EXPECT_THAT(refused("NOT_FINITE",
                      [](ModelParts& parts) {
                        parts.tensors["embeddings.LayerNorm.bias"] =
                            Tensor::of({32}, std::vector<float>(32, std::numeric_limits<float>::infinity()));
                      }),
              HasSubstr("torch: tensor 'embeddings.LayerNorm.bias': element 0"));
  EXPECT_THAT(refused("TOK_ROWS", [](ModelParts& parts) { parts.files["vocab.txt"] += "one\nmore\n"; }),
              HasSubstr("torch/config.json"));
}

TEST(ModelParts, ThatAreNotUsedAreNamedInANotice) {
  const TinySpec spec;
  ModelParts parts = parts_of(spec, random_weights(spec));
  parts.tensors["classifier.weight"] = Tensor({2, 32});
  EXPECT_THAT(Model::from_memory(parts).info().notices, Contains(HasSubstr("classifier.weight")));
}

TEST(ReadModelFile, GivesTheTextOfAFileThatAModelHas) {
  const TemporaryDirectory directory;
  directory.write("model/config.json", "{}");
  directory.write("model/1_Pooling/config.json", "{1}");
  directory.write("secret.json", "no");
  const std::string model = directory.path("model");
  EXPECT_EQ(read_model_file(model, "config.json"), "{}");
  EXPECT_EQ(read_model_file(model, "1_Pooling/config.json"), "{1}");
  EXPECT_EQ(read_model_file(model, "vocab.txt"), std::nullopt);
  for (const std::string& outside : {std::string("../secret.json"), directory.path("secret.json")})
    EXPECT_EQ(read_model_file(model, outside), std::nullopt) << outside;
}

TEST(ReadModelFile, RefusesAModelThatIsNotThere) {
  expect_error("MODEL_MISSING", [] { static_cast<void>(read_model_file("./nowhere", "config.json")); });
}

}  // namespace
}  // namespace attnscope
