#include "affectsr/train/batch_queue.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

TEST(BatchQueue, GivesTheBatchesInOrderWithAnyNumberOfThreads) {
    const TestFaces faces;
    const FaceSource source = faces.source();
    for (const int threads : {1, 3})
        for (const Share share : {Share{0, 1}, Share{1, 2}}) {
            BatchQueue queue(source, share, 1, 5, threads);
            for (std::uint64_t step = 1; step < 5; ++step) {
                const Batch expected =
                    source.at({step / source.steps_per_epoch(), step % source.steps_per_epoch()}, share);
                EXPECT_TRUE(at::equal(queue.next().at("face"), expected.at("face"))) << "step " << step;
            }
            EXPECT_THROW(queue.next(), Bug);
        }
}

TEST(BatchQueue, CanBeLeftEarly) {
    const TestFaces faces;
    const FaceSource source = faces.source();
    BatchQueue queue(source, {}, 0, 1000, 2);
    (void)queue.next();
}

}  // namespace
}  // namespace affectsr
