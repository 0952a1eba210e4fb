// Marks the model at argv[1], writes it to argv[2], and finds the mark again.
#include <weightmark/weightmark.h>

#include <cstdio>

namespace {

int fail(const weightmark::Error& error) {
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  return 2;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  const auto key = weightmark::Key::generate();
  if (!key) return fail(key.error());
  const weightmark::EmbedOptions options{.strength = 0.02, .shares = 1};
  const auto marked = weightmark::embed({words[1]}, *key, words[2], options);
  if (!marked) return fail(marked.error());
  const auto found = weightmark::detect({words[2]}, *key);
  if (!found) return fail(found.error());
  std::printf("%s: %s\n", weightmark::to_string(found->verdict).data(), found->finding.c_str());
  return found->is_yes() ? 0 : 1;
}
