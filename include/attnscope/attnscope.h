// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything: `#include <attnscope/attnscope.h>`.
#include "attnscope/checkpoint.h"
#include "attnscope/error.h"
#include "attnscope/hooks.h"
#include "attnscope/model.h"
#include "attnscope/outputs.h"
#include "attnscope/speed.h"
#include "attnscope/tensor.h"
#include "attnscope/tokenizer.h"
#include "attnscope/version.h"
