// A small made-up data set that can be learned, for the tests of training.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/image/codec.h"
#include "affectsr/train/recipe.h"

namespace affectsr {

/// Network, losses or learning of a recipe's supervised task, to be changed.
inline Json& option(Recipe& recipe, const char* pointer) {
    return recipe.task.options[Json::json_pointer(pointer)];
}

/// 32 pictures of 16×16 px: bright upper halves are "happiness", bright lower halves "anger". Removed with the object.
class TestFaces {
 public:
    TestFaces() {
        static std::atomic<int> made{0};
        folder_ = std::filesystem::temp_directory_path() /
                  ("affectsr_faces_" + std::to_string(::getpid()) + "_" + std::to_string(made++));
        // What is held out depends on a picture's folder and name, so these are the same in every run.
        std::filesystem::create_directories(folder_ / "faces");
        std::ofstream manifest(folder_ / "manifest.csv");
        manifest << "path,label,split\n";
        for (int i = 0; i < 32; ++i) {
            Image picture(16, 16, static_cast<std::uint8_t>(20 + i));
            for (int y = i % 2 ? 0 : 8; y < (i % 2 ? 8 : 16); ++y)
                for (int x = 0; x < 16 * 3; ++x) picture.rgb[static_cast<std::size_t>(y * 16 * 3 + x)] = 220;
            const std::string name = "faces/" + std::to_string(i) + ".png";
            write_image(folder_ / name, picture);
            manifest << name << "," << (i % 2 ? "happiness" : "anger") << ",train\n";
        }
    }
    ~TestFaces() { std::filesystem::remove_all(folder_); }
    TestFaces(const TestFaces&) = delete;
    TestFaces& operator=(const TestFaces&) = delete;

    const std::filesystem::path& folder() const { return folder_; }

    /// A recipe that learns them in seconds.
    Recipe recipe() const {
        Recipe r;
        r.name = "tiny";
        r.task.options = {
            {"network",
             {{"name", "small_net"}, {"options", {{"input_px", 16}, {"widths", {8, 16}}, {"depths", {1, 1}}}}}},
            // A low peak, so that it learns whatever the order of sums is, hence on every processor.
            {"learning", {{"schedule", {{"peak", 0.03}}}, {"optimiser", Json::object()}}},
            {"losses", {Json::object()}}};
        TrainingSource source;
        source.options = {{"root", folder_.string()}, {"split", "train"}};
        source.expression = "label";
        r.data = {source};
        r.augmentation.rotate_deg = r.augmentation.erase = r.augmentation.small_share = 0;
        r.epochs = 12;
        r.batch_size = 8;
        r.validation.share = 0.2;
        r.validation.sizes = {16, 8};
        r.precision = "f32";
        return r;
    }
    FaceSource source() const {
        FaceNeeds needs;
        needs.heads = {"expression"};
        needs.px = 16;
        Recipe all = recipe();
        all.validation.share = 0;
        return {face_source_options(all, {}), needs};
    }

 private:
    std::filesystem::path folder_;
};

}  // namespace affectsr
