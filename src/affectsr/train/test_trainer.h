// A training run of the small made-up data set (test_faces.h), for the tests of the trainer.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"
#include "affectsr/train/trainer.h"

namespace affectsr {

class TrainerTest : public ::testing::Test {
 protected:
    /// Trains the recipe; `stop_after` steps a stop is requested.
    TrainReport run(const std::string& folder, bool resume = false, std::uint64_t stop_after = 0) {
        TrainerOptions options;
        options.resume = resume;
        return run(folder, faces_.recipe(), options, [&, stop_after](const TrainProgress& at, std::stop_source& stop) {
            losses_.push_back(at.loss);
            if (at.step == stop_after) stop.request_stop();
        });
    }
    TrainReport run(const std::string& folder, const Recipe& recipe, TrainerOptions options,
                    const std::function<void(const TrainProgress&, std::stop_source&)>& on_step = {}) {
        const std::unique_ptr<Task> task = make_task(recipe, faces_.folder() / folder);
        const std::unique_ptr<SampleSource> source = task->open_data({});
        std::stop_source stop;
        options.folder = faces_.folder() / folder;
        if (on_step) options.on_step = [&](const TrainProgress& at) { on_step(at, stop); };
        return train(recipe, *task, *source, Alone{}, options, stop.get_token());
    }
    /// "code: message" of the refusal to go on in `folder` with `recipe`.
    std::string refusal_to_resume(const std::string& folder, const Recipe& recipe) {
        TrainerOptions options;
        options.resume = true;
        try {
            run(folder, recipe, options);
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
        return "it went on";
    }
    /// What each log line says of `key`.
    std::vector<double> logged(const std::string& folder, const char* key) const {
        std::vector<double> values;
        std::istringstream log(bytes(folder + "/tiny.log.jsonl"));
        for (std::string line; std::getline(log, line);) values.push_back(Json::parse(line)[key].get<double>());
        return values;
    }
    void expect_equal_weights(const std::filesystem::path& a, const std::filesystem::path& b) const {
        const TensorMap one = ModelFile::open(a).tensors, two = ModelFile::open(b).tensors;
        ASSERT_EQ(one.size(), two.size());
        for (const auto& [name, tensor] : one)
            EXPECT_TRUE(std::ranges::equal(tensor.bytes(), two.at(name).bytes())) << name;
    }
    std::string bytes(const std::string& name) const {
        std::ifstream file(faces_.folder() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TestFaces faces_;
    std::vector<double> losses_;
};

}  // namespace affectsr
