#include "affectsr/engine/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <thread>
#include <vector>

namespace affectsr::engine {
namespace {

std::size_t threads_of_this_process() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST(Program, OfOneThreadStartsNoOthers) {
    PlanBuilder p;
    const Value x = p.relu(p.conv("c", p.input(16), 16));
    const Plan plan = p.finish(p.softmax(p.linear("l", p.flatten(p.global_avg_pool(p.max_pool(x, 3, 2, 1))), 16)));
    TensorMap tensors;
    for (const Parameter& parameter : plan.parameters()) {
        std::int64_t count = 1;
        for (const std::int64_t side : parameter.shape) count *= side;
        tensors[parameter.name] =
            HostTensor::from_floats(std::vector<float>(static_cast<std::size_t>(count), 0.01f), parameter.shape);
    }
    std::size_t before = 0, after = 0;
    // A new thread has no others of OpenMP's yet.
    std::thread([&] {
        Weights weights(plan, tensors, false);
        Player player(std::make_shared<const Program>(compile(plan, fuse(plan), weights, {1, {{64, 64}}, 1})));
        const std::vector<float> picture(std::size_t{16} * 64 * 64, 0.5f);
        player.scratch().inputs[0] = picture.data();
        before = threads_of_this_process();
        player.play();
        after = threads_of_this_process();
    }).join();
    EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace affectsr::engine
