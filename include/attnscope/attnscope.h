// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything: `#include <attnscope/attnscope.h>`.
#include "attnscope/analysis.h"
#include "attnscope/checkpoint.h"
#include "attnscope/contributions.h"
#include "attnscope/encoder_parts.h"
#include "attnscope/entities.h"
#include "attnscope/error.h"
#include "attnscope/gradients.h"
#include "attnscope/head_report.h"
#include "attnscope/hooks.h"
#include "attnscope/interventions.h"
#include "attnscope/layer_report.h"
#include "attnscope/model.h"
#include "attnscope/outputs.h"
#include "attnscope/probe.h"
#include "attnscope/speed.h"
#include "attnscope/tensor.h"
#include "attnscope/text_file.h"
#include "attnscope/tokenizer.h"
#include "attnscope/version.h"
#include "attnscope/word_report.h"
