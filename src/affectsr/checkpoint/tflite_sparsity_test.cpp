#include "affectsr/checkpoint/tflite_sparsity.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_tflite.h"
#include "affectsr/checkpoint/tflite.h"

namespace affectsr {
namespace {

using namespace test_tflite;

/// What is read of a file whose second tensor has these values with gaps.
std::vector<float> filled(const std::vector<std::int32_t>& shape, const std::vector<float>& values,
                          const Blob& description) {
    const TemporaryFolder folder;
    Network network({1, 1, 1, 1});
    network.sparse_constant(shape, values, description);
    return read_tflite(folder.fill("x.tflite", network.file({0}))).tensors.at(1).constant->floats();
}

void expect_refused(const std::vector<std::int32_t>& shape, const std::vector<float>& values, const Blob& description,
                    const std::string& message) {
    try {
        filled(shape, values, description);
        ADD_FAILURE() << "was read, in spite of: " << message;
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "model_damaged");
        EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("tensor 1 \"t1\""), std::string::npos) << error.what();
    }
}

TEST(TfliteSparsity, FillsCompressedRowsWithZeros) {
    const Blob rows = sparsity({0, 1}, {}, {dense_level(2), compressed_level(3, {0, 1, 3}, {2, 0, 1})});
    EXPECT_EQ(filled({2, 3}, {5, 6, 7}, rows), (std::vector<float>{0, 0, 5, 6, 7, 0}));
}

TEST(TfliteSparsity, TakesTheSizeOfACompressedLevelFromTheShape) {
    const Blob rows = sparsity({0, 1}, {}, {dense_level(2), compressed_level(0, {0, 1, 3}, {2, 0, 1})});
    EXPECT_EQ(filled({2, 3}, {5, 6, 7}, rows), (std::vector<float>{0, 0, 5, 6, 7, 0}));
}

TEST(TfliteSparsity, FillsColumnsThatAreStoredFirst) {
    const Blob columns = sparsity({1, 0}, {}, {dense_level(3), compressed_level(2, {0, 1, 1, 3}, {1, 0, 1})});
    EXPECT_EQ(filled({2, 3}, {5, 6, 7}, columns), (std::vector<float>{0, 0, 6, 5, 0, 7}));
}

TEST(TfliteSparsity, FillsBlocks) {
    // The block of level 2 divides dimension 1.
    const Blob blocks =
        sparsity({0, 1, 2}, {1}, {dense_level(2), compressed_level(2, {0, 1, 2}, {1, 0}), dense_level(2)});
    EXPECT_EQ(filled({2, 4}, {1, 2, 3, 4}, blocks), (std::vector<float>{0, 0, 1, 2, 3, 4, 0, 0}));
}

TEST(TfliteSparsity, RefusesDescriptionsThatDoNotFit) {
    const Blob two = dense_level(2);
    const auto rows = [&](const std::vector<std::uint8_t>& segments, const std::vector<std::uint8_t>& indices) {
        return sparsity({0, 1}, {}, {two, compressed_level(3, segments, indices)});
    };
    expect_refused({2, 3}, {1, 2, 3}, rows({0, 1, 3}, {2, 0, 3}), "without indices within its shape");
    expect_refused({2, 3}, {1, 2, 3}, rows({0, 1}, {2, 0, 1}), "without a segment for every row");
    expect_refused({2, 3}, {1, 2, 3}, rows({0, 1, 4}, {2, 0, 1}), "without segments within its indices");
    expect_refused({2, 3}, {1, 2, 3}, rows({2, 1, 3}, {2, 0, 1}), "without segments within its indices");
    expect_refused({2, 3}, {1, 2, 3, 4}, rows({0, 0, 4}, {0, 0, 0, 0}), "without segments within its indices");
    expect_refused({2, 3}, {1, 2}, rows({0, 1, 3}, {2, 0, 1}), "without as many values");
    expect_refused({2, 4}, {1, 2, 3}, rows({0, 1, 3}, {2, 0, 1}), "without the sizes of its shape");
    expect_refused({2, 2}, {1}, sparsity({0, 0}, {}, {two, two}), "without an order");
    expect_refused({2, 2}, {1}, sparsity({0, 1, 2}, {}, {two, two, two}), "without an order");
    expect_refused({2, 2}, {1}, sparsity({0, 1}, {}, {two}), "without as many levels");
    expect_refused({2, 2}, {1}, sparsity({0, 1, 2}, {2}, {two, two, two}), "without a block for a dimension");
    expect_refused({2, 2}, {1}, sparsity({0, 1, 2}, {1}, {two, two, compressed_level(1, {0, 0}, {})}),
                   "without dense blocks");
    expect_refused({2}, {1}, sparsity({0}, {}, {table({{0, std::uint8_t{1}}, {1, 2}})}), "without the indices");
    expect_refused({2, 0}, {1}, sparsity({0, 1}, {}, {two, dense_level(0)}), "no places for them");
}

}  // namespace
}  // namespace affectsr
