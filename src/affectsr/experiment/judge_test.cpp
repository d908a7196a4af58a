#include "affectsr/experiment/judge.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "affectsr/experiment/test_dataset.h"

namespace affectsr {
namespace {

std::vector<Degradation> reduced_to(const std::vector<int>& sizes) {
    std::vector<Degradation> degradations;
    for (const int size : sizes) degradations.emplace_back().size_px = size;
    return degradations;
}

JudgeOptions options_with(int threads, int batch = 2, const std::string& truth = "label") {
    JudgeOptions options;
    options.threads = threads;
    options.batch = batch;
    options.truth = truth;
    return options;
}

// Faces of all seven emotions, over and over.
TestDataset many_faces(int count) {
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        const auto emotion = static_cast<Emotion>(i % 7);
        samples.push_back(labelled(emotion, face_of(emotion)));
    }
    return TestDataset(std::move(samples));
}

TEST(Judge, EveryFaceIsReadUnderEveryDegradationInTheListsOrder) {
    const Judgement judgement = judge(many_faces(5), reduced_to({24, 8}), level_reader, options_with(1));
    ASSERT_EQ(judgement.verdicts.size(), 2u);
    EXPECT_FALSE(judgement.interrupted);
    for (const auto& verdicts : judgement.verdicts) {
        ASSERT_EQ(verdicts.size(), 5u);
        for (std::size_t i = 0; i < 5; ++i) {
            EXPECT_EQ(verdicts[i].sample, i);
            EXPECT_EQ(verdicts[i].truth, static_cast<Emotion>(i));
            EXPECT_EQ(verdicts[i].answer.best(), verdicts[i].truth);
        }
    }
    EXPECT_EQ(judgement.verdicts[0][0].side_px, 24);
    EXPECT_EQ(judgement.verdicts[1][0].side_px, 8);
}

TEST(Judge, SeveralReadersSeeTheSamePixelsOneAfterTheOther) {
    const LookAll doubting = [](std::span<const FaceCrop> crops) {
        std::vector<Look> looks = level_reader(crops);
        for (Look& look : looks) look.expression = sure_of(Emotion::neutral, 0.3f);
        return looks;
    };
    const std::vector<LookAll> readers{level_reader, doubting};
    const Judgement judgement = judge(many_faces(5), reduced_to({24, 8}), readers, options_with(2));
    ASSERT_EQ(judgement.verdicts.size(), 4u);
    for (std::size_t v = 0; v < 4; ++v) {
        ASSERT_EQ(judgement.verdicts[v].size(), 5u);
        for (const Verdict& verdict : judgement.verdicts[v]) {
            EXPECT_EQ(verdict.answer.best(), v < 2 ? verdict.truth : Emotion::neutral);
            EXPECT_EQ(verdict.side_px, v % 2 == 0 ? 24 : 8);
        }
    }
}

TEST(Judge, OfSomeClassesTheOthersAreLeftOutAndTheAnswerIsTheLikeliestOfThese) {
    const LookAll torn = [](std::span<const FaceCrop> crops) {
        std::vector<Look> looks(crops.size());
        for (Look& look : looks)
            look.expression = {{Emotion::fear, Emotion::anger, Emotion::neutral}, {0.6F, 0.3F, 0.1F}};
        return looks;
    };
    JudgeOptions options = options_with(1);
    options.classes = {Emotion::neutral, Emotion::anger};
    const Judgement judgement = judge(many_faces(9), reduced_to({24}), torn, options);
    EXPECT_EQ(judgement.left_out.other_class, 6);
    EXPECT_EQ(judgement.left_out.total(), 6);
    ASSERT_EQ(judgement.verdicts.at(0).size(), 3u) << "neutral, anger and neutral again";
    for (const Verdict& verdict : judgement.verdicts.at(0)) {
        EXPECT_EQ(verdict.answer.best(), Emotion::anger);
        EXPECT_FLOAT_EQ(verdict.answer.of(Emotion::anger), 0.75F);
        EXPECT_FLOAT_EQ(verdict.answer.of(Emotion::fear), 0);
    }
}

TEST(Judge, AReaderThatKnowsNoneOfTheClassesGivesNoAnswer) {
    const LookAll afraid = [](std::span<const FaceCrop> crops) {
        std::vector<Look> looks(crops.size());
        for (Look& look : looks) look.expression = {{Emotion::fear}, {1}};
        return looks;
    };
    JudgeOptions options = options_with(1);
    options.classes = {Emotion::neutral};
    const Judgement judgement = judge(many_faces(2), reduced_to({24}), afraid, options);
    EXPECT_TRUE(judgement.verdicts.at(0).at(0).answer.empty());
    EXPECT_EQ(judgement.verdicts.at(0).at(0).reason, "other_class");
}

TEST(Judge, AFaceWhoseRestorerFailedIsReadAndSaysSo) {
    const LookAll failing = [](std::span<const FaceCrop> crops) {
        std::vector<Look> looks = level_reader(crops);
        for (Look& look : looks) look.restorer_reason = "restorer_not_finite";
        return looks;
    };
    const Judgement judgement = judge(many_faces(5), reduced_to({24}), failing, options_with(1));
    for (const Verdict& verdict : judgement.verdicts.at(0)) {
        EXPECT_EQ(verdict.answer.best(), verdict.truth);
        EXPECT_EQ(verdict.reason, "restorer_not_finite");
    }
}

TEST(Judge, ALimitSpreadsTheFacesOverTheWholeList) {
    JudgeOptions options = options_with(1);
    options.limit = 4;
    const Judgement judgement = judge(many_faces(10), reduced_to({24}), level_reader, options);
    EXPECT_EQ(judgement.faces, 4u);
    EXPECT_EQ(judgement.with_truth, 10u);
    std::vector<std::size_t> judged;
    for (const Verdict& verdict : judgement.verdicts[0]) judged.push_back(verdict.sample);
    EXPECT_EQ(judged, (std::vector<std::size_t>{0, 2, 5, 7}));
    options.limit = 11;
    const Judgement all = judge(many_faces(10), reduced_to({24}), level_reader, options);
    EXPECT_EQ(all.faces, 10u);
    EXPECT_EQ(all.with_truth, 10u);
}

TEST(Judge, TheReaderIsGivenTheReducedPictureAndItsSize) {
    const LookAll look = [](std::span<const FaceCrop> crops) {
        for (const FaceCrop& crop : crops) {
            EXPECT_EQ(crop.pixels.size(), (ImageSize{12, 12}));
            EXPECT_EQ(crop.face_in_photo_px, 12);
        }
        return level_reader(crops);
    };
    judge(many_faces(3), reduced_to({12}), look, options_with(1));
}

TEST(Judge, APictureThatIsNotLargerThanTheSizeIsTakenAsItIs) {
    Image speckled(16, 16, 0);
    speckled.pixel(5, 9)[1] = 200;
    for (const int size : {16, 48}) {
        const LookAll look = [&](std::span<const FaceCrop> crops) {
            EXPECT_EQ(crops[0].pixels, speckled);
            return level_reader(crops);
        };
        const TestDataset dataset({labelled(Emotion::neutral, speckled)});
        EXPECT_EQ(judge(dataset, reduced_to({size}), look, options_with(1)).verdicts[0][0].side_px, 16);
    }
}

TEST(Judge, TheMiddleOfAWidePictureIsItsFace) {
    Image wide(20, 10, 60);
    for (int y = 0; y < 10; ++y) {
        for (int x = 5; x < 15; ++x) wide.pixel(x, y)[0] = wide.pixel(x, y)[1] = wide.pixel(x, y)[2] = 10;
    }
    const LookAll look = [](std::span<const FaceCrop> crops) {
        EXPECT_EQ(crops[0].pixels, Image(10, 10, 10));
        return level_reader(crops);
    };
    judge(TestDataset({labelled(Emotion::happiness, wide)}), reduced_to({10}), look, options_with(1));
}

TEST(Judge, RowsWithoutALabelAreLeftOutAndCounted) {
    const TestDataset dataset(
        {labelled(std::nullopt, face_of(Emotion::fear)), labelled(Emotion::fear, face_of(Emotion::fear))});
    const Judgement judgement = judge(dataset, reduced_to({8}), level_reader, options_with(1));
    EXPECT_EQ(judgement.faces, 1u);
    EXPECT_EQ(judgement.left_out.unlabelled, 1);
    EXPECT_EQ(judgement.left_out.total(), 1);
    EXPECT_EQ(judgement.verdicts[0][0].sample, 1u);
}

TEST(Judge, VotesDecideByMajorityAndMayBeContempt) {
    // FER+ order: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a face.
    const Image face = face_of(Emotion::neutral);
    const TestDataset dataset({voted(FerPlusVotes{0, 0, 0, 8, 2, 0, 0, 0, 0, 0}, face),
                               voted(FerPlusVotes{0, 0, 0, 0, 0, 0, 0, 9, 0, 1}, face),
                               voted(FerPlusVotes{5, 5, 0, 0, 0, 0, 0, 0, 0, 0}, face),
                               voted(FerPlusVotes{0, 0, 0, 0, 0, 0, 0, 0, 0, 10}, face), voted(std::nullopt, face)});
    const Judgement judgement = judge(dataset, reduced_to({8}), level_reader, options_with(1, 2, "votes"));
    ASSERT_EQ(judgement.verdicts[0].size(), 2u);
    EXPECT_EQ(judgement.verdicts[0][0].truth, Emotion::sadness);
    EXPECT_EQ(judgement.verdicts[0][1].truth, Emotion::contempt);
    EXPECT_EQ(judgement.left_out.no_majority, 2);
    EXPECT_EQ(judgement.left_out.unlabelled, 1);
}

TEST(Judge, CopiesAndBlanksAreJudgedLikeTheOthers) {
    Sample copy = labelled(Emotion::fear, face_of(Emotion::fear));
    copy.info.usable = false;
    EXPECT_EQ(judge(TestDataset({copy}), reduced_to({8}), level_reader, options_with(1)).faces, 1u);
}

TEST(Judge, ABrokenPictureIsAFailedVerdictAndTheRestGoesOn) {
    const TestDataset dataset({labelled(Emotion::anger, Image()), labelled(Emotion::fear, face_of(Emotion::fear))});
    std::size_t failed = 0;
    const Judgement judgement = judge(dataset, reduced_to({24, 8}), level_reader, options_with(1),
                                      [&](std::size_t, std::size_t, std::size_t broken) { failed = broken; });
    for (const auto& verdicts : judgement.verdicts) {
        EXPECT_TRUE(verdicts[0].failed);
        EXPECT_TRUE(verdicts[0].answer.empty());
        EXPECT_EQ(verdicts[0].reason, "truncated");
        EXPECT_EQ(verdicts[1].answer.best(), Emotion::fear);
    }
    EXPECT_EQ(failed, 1u);
    ASSERT_EQ(judgement.failed.size(), 1u) << "once, not once for every size";
    EXPECT_EQ(judgement.failed[0].sample, 0u);
    EXPECT_EQ(judgement.failed[0].code, "truncated");
    EXPECT_NE(judgement.failed[0].message.find("broken.jpg"), std::string::npos);
}

TEST(Judge, BrokenPicturesAreNamedInTheListsOrderForAnyThreads) {
    std::vector<Sample> samples;
    for (int i = 0; i < 30; ++i) samples.push_back(labelled(Emotion::fear, i % 3 == 0 ? Image() : Image(8, 8, 40)));
    for (const int threads : {1, 4}) {
        const Judgement judgement = judge(TestDataset(samples), reduced_to({8}), level_reader, options_with(threads));
        ASSERT_EQ(judgement.failed.size(), 10u);
        for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(judgement.failed[i].sample, 3 * i);
    }
}

TEST(Judge, NoMoreThreadsAreStartedThanThereAreBatches) {
    std::mutex lock;
    std::set<std::thread::id> readers;
    const LookAll look = [&](std::span<const FaceCrop> crops) {
        const std::lock_guard guard(lock);
        readers.insert(std::this_thread::get_id());
        return level_reader(crops);
    };
    judge(many_faces(3), reduced_to({8}), look, options_with(1024, 2));
    EXPECT_LE(readers.size(), 2u);
}

TEST(Judge, AnUndeterminedAnswerKeepsItsReason) {
    const TestDataset dataset({labelled(Emotion::fear, Image(48, 48, 255))});
    const Verdict verdict = judge(dataset, reduced_to({8}), level_reader, options_with(1)).verdicts[0][0];
    EXPECT_TRUE(verdict.answer.empty());
    EXPECT_EQ(verdict.reason, "constant");
    EXPECT_FALSE(verdict.failed);
}

TEST(Judge, TheFiguresDoNotDependOnTheThreads) {
    Degradation noisy;
    noisy.size_px = 24;
    noisy.noise_sigma = 20;
    const auto levels = [&](int threads) {
        std::mutex lock;
        std::map<int, int> seen;
        const LookAll look = [&](std::span<const FaceCrop> crops) {
            const std::lock_guard guard(lock);
            for (const FaceCrop& crop : crops) ++seen[crop.pixels.pixel(3, 3)[0]];
            return std::vector<Look>(crops.size());
        };
        judge(many_faces(40), std::vector{noisy}, look, options_with(threads, 3));
        return seen;
    };
    EXPECT_EQ(levels(1), levels(4));
    EXPECT_GT(levels(1).size(), 10u) << "the noise of every face is its own";
}

TEST(Judge, BatchesAreNeverLargerThanAsked) {
    std::atomic<std::size_t> largest = 0, all = 0;
    const LookAll look = [&](std::span<const FaceCrop> crops) {
        largest = std::max(largest.load(), crops.size());
        all += crops.size();
        return level_reader(crops);
    };
    judge(many_faces(10), reduced_to({8}), look, options_with(1, 4));
    EXPECT_EQ(largest, 4u);
    EXPECT_EQ(all, 10u);
}

TEST(Judge, ProgressRisesToTheTotal) {
    std::vector<std::size_t> done;
    judge(many_faces(5), reduced_to({8}), level_reader, options_with(2, 2),
          [&](std::size_t finished, std::size_t total, std::size_t) {
              done.push_back(finished);
              EXPECT_EQ(total, 5u);
          });
    ASSERT_EQ(done.size(), 3u);
    EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
    EXPECT_EQ(done.back(), 5u);
}

TEST(Judge, AStopKeepsTheFinishedFacesUnderEveryDegradation) {
    std::stop_source stop;
    const Judgement judgement = judge(
        many_faces(10), reduced_to({24, 8}), level_reader, options_with(1, 2),
        [&](std::size_t done, std::size_t, std::size_t) {
            if (done >= 4) stop.request_stop();
        },
        stop.get_token());
    EXPECT_TRUE(judgement.interrupted);
    EXPECT_EQ(judgement.faces, 10u);
    for (const auto& verdicts : judgement.verdicts) {
        ASSERT_EQ(verdicts.size(), 4u);
        EXPECT_EQ(verdicts[3].sample, 3u);
        EXPECT_EQ(verdicts[3].answer.best(), Emotion::surprise);
    }
}

TEST(Judge, AnErrorOfTheReaderEndsTheRun) {
    const LookAll look = [](std::span<const FaceCrop>) -> std::vector<Look> {
        throw ResourceError("out_of_memory", "no memory");
    };
    EXPECT_THROW(judge(many_faces(40), reduced_to({8}), look, options_with(3)), ResourceError);
}

TEST(Judge, OptionsOutOfRangeAreRefused) {
    EXPECT_THROW(judge(many_faces(1), reduced_to({8}), level_reader, options_with(1, 0)), UsageError);
    EXPECT_THROW(judge(many_faces(1), reduced_to({8}), level_reader, options_with(-1)), UsageError);
    EXPECT_THROW(judge(many_faces(1), reduced_to({8}), level_reader, options_with(1, 1, "guess")), UsageError);
}

}  // namespace
}  // namespace affectsr
