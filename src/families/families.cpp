// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "core/message.h"
#include "families/family.h"

namespace attnscope {
namespace {

struct TaskName {
  Task task;
  const char* suffix;
};

constexpr std::array kTaskNames{
    TaskName{Task::none, "Model"},
    TaskName{Task::masked_lm, "ForMaskedLM"},
    TaskName{Task::sequence_classification, "ForSequenceClassification"},
    TaskName{Task::token_classification, "ForTokenClassification"},
    TaskName{Task::question_answering, "ForQuestionAnswering"},
};

}  // namespace

const std::vector<Family>& families() {
  // Explicit on purpose: linkers drop objects that register themselves.
  static const std::vector<Family> list{distilbert_family(), bert_family()};
  return list;
}

std::string class_name(const Family& family, Task task) {
  for (const TaskName& name : kTaskNames)
    if (name.task == task) return family.class_prefix + name.suffix;
  return {};
}

EncoderParts common_parts(const std::string& prefix, Task task) {
  EncoderParts parts;
  parts.embeddings = prefix + "embeddings";
  parts.word_embeddings = prefix + "embeddings.word_embeddings";
  parts.embedding_norm = prefix + "embeddings.LayerNorm";
  parts.head_is_pooled = task == Task::sequence_classification;
  if (task == Task::token_classification) parts.head = {{"classifier"}};
  if (task == Task::question_answering) parts.head = {{"qa_outputs"}};
  return parts;
}

Task task_of(const Family& family, const std::vector<std::string>& architectures,
             std::vector<std::string>& notices) {
  if (architectures.empty()) return Task::none;
  for (const TaskName& name : kTaskNames)
    if (architectures.front() == family.class_prefix + name.suffix) return name.task;
  notices.push_back(fmt::format("{} is read as {}Model: its head is not supported", architectures.front(),
                                family.class_prefix));
  return Task::none;
}

}  // namespace attnscope
