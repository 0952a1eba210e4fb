// Detection by processes that share the sums of each scan, here threads.
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "embed/mark/shared_stages.h"
#include "tests/unit/parts/split_model.h"

namespace wmk::verify {

namespace {

// Where the threads meet: the last one that comes wakes the others.
class Meeting {
 public:
  explicit Meeting(unsigned count) : count_(count) {}

  Result<embed::SharedScan> exchange(const std::string& name, const embed::SharedScan& own) {
    std::unique_lock lock(mutex_);
    const size_t round = round_;
    if (arrived_ == 0) sum_ = {};
    if (arrived_ == 0) name_ = name;
    if (own.fault || name != name_ || !embed::add_sums(own.sum, sum_)) fails_ = true;
    if (++arrived_ == count_) {
      arrived_ = 0;
      out_ = sum_;
      ++round_;
      wake_.notify_all();
    } else {
      wake_.wait(lock, [&] { return round_ != round; });
    }
    if (fails_) return Error(ErrorCode::io, "one of them failed");
    return embed::SharedScan{out_};
  }
  size_t rounds() const { return round_; }

 private:
  unsigned count_, arrived_ = 0;
  size_t round_ = 0;
  bool fails_ = false;
  std::string name_;
  embed::ScanSum sum_, out_;
  std::mutex mutex_;
  std::condition_variable wake_;
};

using Detections = std::vector<std::optional<Result<Detection>>>;

Detections detect_together(SplitModel& model, const crypto::SecretBytes& master, unsigned count,
                           bool full, Meeting& meeting) {
  Detections out(count);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      auto sums = embed::PartSums::shared(i + 1, count, [&](const auto& name, auto own) {
        return meeting.exchange(name, std::move(own));
      });
      checkpoint::ReadingList list({model.scratch / "marked"});
      DetectRequest request{.master = &master, .full = full};
      request.parts = &sums;
      out[i] = detect(list, request);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return out;
}

}  // namespace

TEST_CASE("sums that processes share give the answer of one", "[parts]") {
  for (const char* architecture : {"llama", "mixtral", "gpt2"}) {
    SplitModel model(architecture);
    for (const auto* key : {&model.key, &model.wrong_key}) {
      for (const bool full : {false, true}) {
        for (const unsigned count : {1u, 2u, 7u}) {
          CAPTURE(architecture, key == &model.key, full, count);
          checkpoint::ReadingList list({model.scratch / "marked"});
          const auto one = detect(list, {.master = key, .full = full});
          REQUIRE(one);
          Meeting meeting(count);
          for (const auto& each : detect_together(model, *key, count, full, meeting)) {
            REQUIRE(*each);
            check_equal(**each, *one);
          }
          CHECK(meeting.rounds() > 0);
        }
      }
    }
  }
}

TEST_CASE("processes that did not read each block once have no answer", "[parts]") {
  SplitModel model;
  auto sums = embed::PartSums::shared(
      1, 2, [](const auto&, auto own) { return Result<embed::SharedScan>(std::move(own)); });
  checkpoint::ReadingList list({model.scratch / "marked"});
  DetectRequest request{.master = &model.key, .full = true};
  request.parts = &sums;
  const auto found = detect(list, request);
  REQUIRE_FALSE(found);
  CHECK(found.error().message().find("the processes read 3 of 5 blocks") != std::string::npos);
}

TEST_CASE("files are divided by their bytes", "[parts]") {
  const Scratch scratch;
  std::vector<StoredTensor> tensors;
  for (int i = 0; i < 6; ++i) {
    tensors.push_back(stored(cat("t", i), checkpoint::DType::f32, {100}, std::vector<float>(100)));
  }
  std::filesystem::create_directory(scratch / "six");
  write_sharded(scratch / "six", tensors, 6);
  auto six = must(checkpoint::Checkpoint::open(scratch / "six"));
  using Owners = std::vector<unsigned>;
  CHECK(embed::owners_of(six, 1) == Owners(6, 0));
  CHECK(embed::owners_of(six, 4) == Owners{0, 1, 1, 2, 3, 3});
  CHECK(embed::owners_of(six, 12) == Owners{1, 3, 5, 7, 9, 11});

  tensors.push_back(stored("large", checkpoint::DType::f32, {3000}, std::vector<float>(3000)));
  std::filesystem::create_directory(scratch / "seven");
  write_sharded(scratch / "seven", tensors, 7);
  auto seven = must(checkpoint::Checkpoint::open(scratch / "seven"));
  CHECK(embed::owners_of(seven, 2) == Owners{0, 0, 0, 0, 0, 0, 1});
}

}  // namespace wmk::verify
