// Which files of a model's folder go into a marked copy, and which stop the run.
#include "checkpoint/write/companions.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/write/known_companion.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using namespace wmk::test;
namespace fs = std::filesystem;

// A folder with a tiny model, to which tests add files.
struct Folder {
  Scratch scratch;
  Folder() {
    fs::create_directory(scratch / "model");
    write_tiny_model(scratch / "model", "llama", {});
  }
  void put(std::string_view name, std::string_view content) const {
    scratch.put(cat("model/", name), content);
  }
  void put(std::string_view name, size_t bytes) const { put(name, std::string(bytes, 'x')); }
  Result<Companions> plan(const CompanionChoices& choices = {}) const {
    return plan_companions(must(Checkpoint::open(scratch / "model")), choices);
  }
  // The files that stop the run.
  std::string refusal(const CompanionChoices& choices = {}) const {
    const auto planned = plan(choices);
    REQUIRE_FALSE(planned);
    CHECK(planned.error().code() == ErrorCode::invalid_argument);
    return planned.error().message();
  }
};

std::vector<std::string> copied(const Companions& companions) {
  std::vector<std::string> names;
  for (const auto& file : companions.copied) names.push_back(file.path.string());
  return names;
}

std::vector<std::string> left(const Companions& companions) {
  std::vector<std::string> names;
  for (const auto& [path, reason] : companions.left) {
    names.push_back(cat(path.string(), ": ", reason));
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("known companions are copied without a word", "[checkpoint][companions]") {
  const Folder folder;
  const Names known = {"1_Pooling/config.json",
                       "COPYING",
                       "LICENSE.txt",
                       "README.md",
                       "chat.py",
                       "chat_template.jinja",
                       "config.json",
                       "figure.PNG",
                       "generation_config.json",
                       "merges.txt",
                       "notes.txt",
                       "special_tokens_map.json",
                       "tekken.json",
                       "tokenizer.json",
                       "tokenizer.model",
                       "tokenizer_config.json",
                       "vocab.json"};
  for (const std::string& name : known) {
    if (name != "config.json" && name != "tokenizer.json") folder.put(name, 2 << 20);
  }
  const Companions planned = must(folder.plan());
  CHECK(copied(planned) == known);
  CHECK(planned.left.empty());
  CHECK(notes_of(planned).empty());
  CHECK(planned.folders == std::vector<fs::path>{"1_Pooling"});
  for (const char* name : {"config.yaml", "configuration.bin", "a.pdf", "tokens", "x.json"}) {
    CHECK_FALSE(is_known_companion(name));
  }
}

TEST_CASE("unmarked weights of any size, case and format stop the run",
          "[checkpoint][companions]") {
  const Names names = {"a.npz",        "b.npy",
                       "c.pkl",        "d.nemo",
                       "e.tar",        "f.zip",
                       "g.GGUF",       "model.safetensors.bak",
                       "optimizer.pt", "sub/Model.SafeTensors"};
  const Folder folder;
  for (const std::string& name : names) folder.put(name, 1);
  const std::string message = folder.refusal();
  for (const std::string& name : names) {
    CHECK(message.find(cat("'", name, "' holds weights that are not marked")) != message.npos);
  }
  CHECK(must(folder.plan({.leave = names})).left.size() == names.size());
  // A renamed copy is recognised by its content.
  const Folder other;
  other.put("notes.txt", content_of(other.scratch / "model/model.safetensors"));
  CHECK(other.refusal() == "'notes.txt' holds weights that are not marked");
  const auto hint = std::string(other.plan().error().hint());
  CHECK(hint == "use --leave 'notes.txt' to leave files out, or --copy NAME to copy one unmarked");
}

TEST_CASE("unknown files stop the run above 1 MiB and are noted below",
          "[checkpoint][companions]") {
  const Folder folder;
  folder.put("data.parquet", kUnknownBytesMax);
  const Companions planned = must(folder.plan());
  CHECK(notes_of(planned) == Names{"copied 'data.parquet': a small file of an unknown kind"});
  folder.put("data.parquet", kUnknownBytesMax + 1);
  CHECK(folder.refusal() == "'data.parquet' has 1.0 MB of an unknown kind");
  CHECK(copied(must(folder.plan({.copy = {"data.parquet"}}))) ==
        Names{"config.json", "data.parquet", "tokenizer.json"});
}

TEST_CASE("entries that begin with a dot are not copied", "[checkpoint][companions]") {
  const Folder folder;
  folder.put(".git/lfs/objects/ab/cd/abcd", content_of(folder.scratch / "model/model.safetensors"));
  folder.put(".cache/huggingface/download/model.safetensors.a1.incomplete", "half");
  folder.put(".gitattributes", "*.safetensors filter=lfs\n");
  folder.put("sub/.hidden.py", "1");
  const Companions planned = must(folder.plan());
  CHECK(copied(planned) == Names{"config.json", "tokenizer.json"});
  CHECK(left(planned) == Names{".cache: its name begins with a dot",
                               ".git: its name begins with a dot",
                               ".gitattributes: its name begins with a dot",
                               "sub/.hidden.py: its name begins with a dot"});
  // Even so, --copy brings one of them along.
  const Companions wanted = must(folder.plan({.copy = {".cache/huggingface"}}));
  CHECK(copied(wanted) == Names{".cache/huggingface/download/model.safetensors.a1.incomplete",
                                "config.json", "tokenizer.json"});
  CHECK(notes_of(wanted).back().ends_with("unmarked weights, copied for --copy"));
}

TEST_CASE("choices that name nothing, a marked file or one entry twice are errors",
          "[checkpoint][companions][bad-input]") {
  const Folder folder;
  folder.put("old/a.pt", 1);
  CHECK(folder.refusal({.leave = {"a.pt"}}) ==
        "--leave 'a.pt': the model's folder has no such entry");
  CHECK(folder.refusal({.copy = {"../key"}}) ==
        "--copy '../key': the model's folder has no such entry");
  CHECK(folder.refusal({.copy = {"model.safetensors"}}) ==
        "--copy 'model.safetensors': this file is marked");
  CHECK(folder.refusal({.copy = {"old"}, .leave = {"./old/"}}) ==
        "'./old/' is named by both --copy and --leave");
  CHECK(left(must(folder.plan({.leave = {"old/"}}))) == Names{"old: --leave"});
  CHECK(copied(must(folder.plan({.copy = {"old"}}))).size() == 3);
}

TEST_CASE("links out of the folder are left, and never followed for --copy",
          "[checkpoint][companions][bad-input]") {
  const Folder folder;
  folder.scratch.put("secret", "key");
  fs::create_symlink("../secret", folder.scratch / "model/notes.txt");
  CHECK(left(must(folder.plan())) == Names{"notes.txt: a link out of the model's folder"});
  CHECK(folder.refusal({.copy = {"notes.txt"}}) ==
        "'notes.txt' is a link out of the model's folder, which --copy does not follow");
  // A link to the marked weights would be an unmarked copy of them.
  fs::create_symlink("model.safetensors", folder.scratch / "model/again.txt");
  CHECK(folder.refusal() == "'again.txt' holds weights that are not marked");
}

TEST_CASE("a snapshot in the cache of the hub is marked with the companions that it links to",
          "[checkpoint][companions]") {
  const Folder folder;
  const fs::path cache = folder.scratch / "hub/models--o--m";
  fs::create_directories(cache / "blobs");
  fs::create_directories(cache / "snapshots/rev");
  for (const char* name : {"model.safetensors", "config.json", "tokenizer.json"}) {
    fs::copy_file(folder.scratch / "model" / name, cache / "blobs" / cat("blob-", name));
    fs::create_symlink(cat("../../blobs/blob-", name), cache / "snapshots/rev" / name);
  }
  fs::create_symlink("/etc/hostname", cache / "snapshots/rev/README.md");
  const auto source = must(Checkpoint::open(cache / "snapshots/rev"));
  const auto plan = must(plan_companions(source, {}));
  CHECK(copied(plan) == Names{"config.json", "tokenizer.json"});
  CHECK(plan.left.size() == 1);
}

}  // namespace wmk::checkpoint
