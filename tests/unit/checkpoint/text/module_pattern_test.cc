// Targets of compressed-tensors.
#include "checkpoint/text/module_pattern.h"

#include <catch2/catch.hpp>

namespace wmk::checkpoint {

TEST_CASE("targets are names, classes or patterns of Python", "[checkpoint][transforms]") {
  const std::string down = "model.layers.10.mlp.down_proj";
  for (const char* target :
       {"Linear", "model.layers.10.mlp.down_proj", "re:.*down_proj$", "re:.*", "re:model",
        "re:.*layers\\.(1|10)\\.mlp\\..*", "re:.*[a-d]own_pro[^k]$", "re:^(?!.*lm_head).*proj$",
        "re:(?:model|x).+\\d\\d.*?_proj", "re:.*(gate|up|down)_proj$", "re:m?odel"}) {
    INFO(target);
    CHECK(matches_target(target, down));
  }
  for (const char* target :
       {"Embedding", "down_proj", "re:down_proj$", "re:.*down$", "re:.*layers\\.1\\..*", "re:(",
        "re:[a", "re:^(?!.*down).*", "re:\\", "re:x*$", "re:model{2}", "re:.*[^j]$"}) {
    INFO(target);
    CHECK_FALSE(matches_target(target, down));
  }
  CHECK(matches_target("Embedding", "model.embed_tokens"));
  CHECK_FALSE(matches_target("Linear", "transformer.wte"));
}

TEST_CASE("a pattern that backtracks without end is given up", "[checkpoint][transforms]") {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "(a*)*";
  CHECK_FALSE(begins_with_match(pattern + "b", std::string(200, 'a')));
  CHECK_FALSE(begins_with_match(std::string(300, 'a'), std::string(300, 'a')));
}

}  // namespace wmk::checkpoint
