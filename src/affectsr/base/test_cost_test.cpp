#include "affectsr/base/test_cost.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <new>
#include <vector>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(TestCost, CountsWhatIsAllocatedAndTouched) {
    if (!costs_are_counted()) GTEST_SKIP() << "a sanitizer counts for itself";
    const Cost nothing = cost_of_refusing([] { throw ModelError("x", "y"); });
    EXPECT_TRUE(nothing.refused);
    const Cost much = cost_of_refusing([] {
        std::vector<std::unique_ptr<char[]>> blocks;
        for (int i = 0; i < 1000; ++i) blocks.emplace_back(new char[16384]());
        throw ModelError("x", "y");
    });
    EXPECT_GE(much.allocations, nothing.allocations + 1000);
    EXPECT_GE(much.allocated_bytes, nothing.allocated_bytes + 16384000);
    EXPECT_GE(much.resident_kib, nothing.resident_kib + 14000);
}

TEST(TestCost, KnowsARefusalFromEverythingElse) {
    EXPECT_FALSE(cost_of_refusing([] {}).refused);
    EXPECT_FALSE(cost_of_refusing([] { throw std::bad_alloc(); }).refused);
    EXPECT_FALSE(cost_of_refusing([] { ::_exit(0); }).refused);
}

}  // namespace
}  // namespace affectsr
