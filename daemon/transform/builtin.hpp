// SPDX-License-Identifier: MIT
// The transformers' functions, each in the file of its name. Private to the registry.
#pragma once

#include "daemon/transform/transform.hpp"

namespace ccr::transform {

// Cuts the output down to what the provider used to allow, unless the configuration says how much.
void deepseek(const Options& options, RequestContext& context);
// Options are members of the body. Cache marks stay for the models behind it that read them.
void openrouter(const Options& options, RequestContext& context);
void groq(const Options& options, RequestContext& context);
void cleancache(const Options& options, RequestContext& context);
void maxcompletiontokens(const Options& options, RequestContext& context);
void streamoptions(const Options& options, RequestContext& context);
// {max_tokens, temperature, top_p, top_k, repetition_penalty}: the first is a cap, the others take
// the place of what the client says.
void sampling(const Options& options, RequestContext& context);
// Options are members of the body where it has none of that name; objects are merged.
void customparams(const Options& options, RequestContext& context);
// {enable = true}: how thinking is asked for at providers without a way of their own, or that it is
// switched off.
void reasoning(const Options& options, RequestContext& context);

// Makes a model reason that has no such mode: by instruction, between tags.
void forcereasoning(const Options& options, RequestContext& context);
Filter forcereasoning_filter(const Options& options, const FilterContext& context,
                             chat::EventSink& next);

// {effort}: what an OpenAI endpoint is asked for, whatever the client says.
void forceeffort(const Options& options, RequestContext& context);

// Makes the model call a tool in every turn; one more tool is the way out.
void tooluse(const Options& options, RequestContext& context);
Filter tooluse_filter(const Options& options, const FilterContext& context, chat::EventSink& next);

// Mends tool arguments that are not quite JSON.
Filter enhancetool_filter(const Options& options, const FilterContext& context,
                          chat::EventSink& next);

// {mode, tags, anywhere}: reasoning between tags in the text. thinktag strips unless told
// otherwise, extrathinktag converts.
void thinktag(const Options& options, RequestContext& context);
std::string thinktag_problem(const Options& options);
bool thinktag_filters(const Options& options);
bool extrathinktag_filters(const Options& options);
Filter thinktag_filter(const Options& options, const FilterContext& context, chat::EventSink& next);
Filter extrathinktag_filter(const Options& options, const FilterContext& context,
                            chat::EventSink& next);

}  // namespace ccr::transform
