#include "affectsr/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "affectsr/classify/catalog.h"
#include "affectsr/train/supervised_task.h"
#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

class TrainerTest : public ::testing::Test {
 protected:
    TrainReport run(const std::string& folder, bool resume = false, std::uint64_t stop_after = 0) {
        const Recipe recipe = faces_.recipe();
        SupervisedTask task(recipe);
        const Batches batches(batch_options(recipe, task.heads(), 16, 1, 1));
        std::stop_source stop;
        TrainerOptions options;
        options.folder = faces_.folder() / folder;
        options.resume = resume;
        options.on_step = [&](const TrainProgress& at) {
            losses_.push_back(at.loss);
            if (at.step == stop_after) stop.request_stop();
        };
        return train(recipe, task, batches, Alone{}, options, stop.get_token());
    }
    std::string bytes(const std::string& name) const {
        std::ifstream file(faces_.folder() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TestFaces faces_;
    std::vector<double> losses_;
};

TEST_F(TrainerTest, LearnsWhatCanBeLearned) {
    const TrainReport report = run("a");
    EXPECT_TRUE(report.finished);
    // One batch says little: whole epochs are compared.
    const auto mean_of = [](auto begin, auto end) {
        return std::accumulate(begin, end, 0.0) / std::distance(begin, end);
    };
    const auto epoch = static_cast<std::ptrdiff_t>(report.steps) / faces_.recipe().epochs;
    EXPECT_LT(mean_of(losses_.end() - epoch, losses_.end()), 0.8 * mean_of(losses_.begin(), losses_.begin() + epoch));
    const auto classifier = load_classifier("small_net", report.model, "f32");
    Image smile(16, 16, 30);
    std::fill_n(smile.rgb.begin(), 16 * 8 * 3, std::uint8_t{220});
    EXPECT_EQ(classifier->classify(smile).best(), Emotion::happiness);
}

TEST_F(TrainerTest, AResumedRunEndsWithTheSameWeights) {
    const TrainReport whole = run("whole");
    const TrainReport stopped = run("parts", false, 7);
    EXPECT_FALSE(stopped.finished);
    EXPECT_EQ(stopped.steps, 7u);
    const TrainReport resumed = run("parts", true);
    ASSERT_TRUE(resumed.finished);
    const TensorMap one = ModelFile::open(whole.model).tensors, two = ModelFile::open(resumed.model).tensors;
    ASSERT_EQ(one.size(), two.size());
    for (const auto& [name, tensor] : one)
        EXPECT_TRUE(std::ranges::equal(tensor.bytes(), two.at(name).bytes())) << name;
}

TEST_F(TrainerTest, WritesOneLogLineAnEpoch) {
    run("log");
    const std::string log = bytes("log/tiny.log.jsonl");
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), faces_.recipe().epochs);
    const Json line = Json::parse(log.substr(0, log.find('\n')));
    for (const char* key : {"epoch", "step", "loss", "learning_rate", "validation", "faces_per_s"})
        EXPECT_TRUE(line.contains(key)) << key;
}

TEST_F(TrainerTest, DoesNotOverwriteARunUnlessToldToResumeIt) {
    run("kept", false, 2);
    EXPECT_THROW(run("kept"), UsageError);
}

TEST_F(TrainerTest, TheModelCardTellsWhereTheModelComesFrom) {
    const ModelFile file = ModelFile::open(run("card").model);
    EXPECT_EQ(file.card.network, "small_net");
    EXPECT_EQ(file.card.labels, names_of(seven_emotions()));
    EXPECT_TRUE(file.card.heads.contains("expression") && file.card.heads.contains("fer2013"));
    EXPECT_EQ(file.card.recipe["name"], "tiny");
    EXPECT_TRUE(file.card.figures["temperature"].contains("expression"));
    EXPECT_EQ(file.card.recipe.dump().find(faces_.folder().parent_path().string() + "/"), std::string::npos)
        << "no folders of the trainer";
}

}  // namespace
}  // namespace affectsr
