#include "affectsr/train/batch_queue.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

TEST(BatchQueue, GivesTheBatchesInOrderWithAnyNumberOfThreads) {
    const TestFaces faces;
    const Batches batches(faces.batches());
    for (const int threads : {1, 3}) {
        BatchQueue queue(batches, 1, 5, threads);
        for (std::uint64_t step = 1; step < 5; ++step) {
            const Batch expected = batches.at(step / batches.steps_per_epoch(), step % batches.steps_per_epoch());
            EXPECT_TRUE(at::equal(queue.next().faces, expected.faces)) << "step " << step;
        }
        EXPECT_THROW(queue.next(), Bug);
    }
}

TEST(BatchQueue, CanBeLeftEarly) {
    const TestFaces faces;
    const Batches batches(faces.batches());
    BatchQueue queue(batches, 0, 1000, 2);
    (void)queue.next();
}

}  // namespace
}  // namespace affectsr
