// Weightmark: marks checkpoints of language models and finds the marks again.
//
// The whole library. Each header can be included alone.
#pragma once

#include "weightmark/arbitrate.h"
#include "weightmark/compare.h"
#include "weightmark/detect.h"
#include "weightmark/embed.h"
#include "weightmark/inspect.h"
#include "weightmark/key.h"
#include "weightmark/logits.h"
#include "weightmark/model.h"
#include "weightmark/result.h"
#include "weightmark/run.h"
#include "weightmark/sign.h"
#include "weightmark/trace.h"
#include "weightmark/version.h"
