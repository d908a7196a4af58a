#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {
namespace {

HostTensor floats(std::vector<float> values) {
    return HostTensor::from_floats(values, {static_cast<std::int64_t>(values.size())});
}

unsigned bits_of_half(float value, DType type) {
    const HostTensor half = floats({value}).cast(type);
    return std::to_integer<unsigned>(half.bytes()[0]) | std::to_integer<unsigned>(half.bytes()[1]) << 8;
}

TEST(HostTensor, KeepsValuesShapeAndCount) {
    const HostTensor tensor = HostTensor::from_floats(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
    EXPECT_EQ(tensor.type(), DType::f32);
    EXPECT_EQ(tensor.shape(), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(tensor.count(), 6);
    EXPECT_EQ(tensor.bytes().size(), 24u);
    EXPECT_EQ(tensor.floats(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(HostTensor, HoldsAScalarAndNothingAtAll) {
    EXPECT_EQ(HostTensor::from_floats(std::vector<float>{7}, {}).count(), 1);
    EXPECT_EQ(HostTensor::from_floats({}, {0, 3}).count(), 0);
    EXPECT_EQ(HostTensor().count(), 0);
    EXPECT_TRUE(HostTensor().floats().empty());
}

TEST(HostTensor, RefusesAShapeThatDoesNotFitItsValues) {
    EXPECT_THROW(HostTensor::from_floats(std::vector<float>{1, 2, 3}, {2}), Bug);
    EXPECT_THROW(HostTensor::from_floats({}, {-1}), Bug);
    EXPECT_THROW(HostTensor::from_ints({}, {1ll << 40, 1ll << 40}), Bug);
    EXPECT_THROW(HostTensor(DType::f32, {1}, nullptr, 5), Bug);
}

TEST(HostTensor, SharesItsMemoryAmongCopies) {
    HostTensor copy;
    {
        const HostTensor first = floats({1, 2});
        copy = first;
        EXPECT_EQ(copy.bytes().data(), first.bytes().data());
    }
    EXPECT_EQ(copy.floats(), (std::vector<float>{1, 2}));
}

TEST(HostTensor, ReadsWholeNumbersAsWholeNumbersAndAsFloats) {
    const HostTensor big = HostTensor::from_ints(std::vector<std::int64_t>{-5, (1ll << 53) + 1}, {2});
    EXPECT_EQ(big.ints(), (std::vector<std::int64_t>{-5, (1ll << 53) + 1}));
    EXPECT_EQ(big.floats(), (std::vector<float>{-5, 9007199254740992.0f}));
    const std::vector<std::byte> bytes = {std::byte{0}, std::byte{200}};
    EXPECT_EQ(HostTensor::from_bytes(bytes).ints(), (std::vector<std::int64_t>{0, 200}));
    EXPECT_THROW(floats({1}).ints(), Bug);
}

// Bit patterns: IEEE 754-2008 binary16 and the upper half of binary32, by hand.
TEST(HostTensor, RoundsToBfloat16ByTheNearestEven) {
    EXPECT_EQ(bits_of_half(1.0f, DType::bf16), 0x3F80u);
    EXPECT_EQ(bits_of_half(1.0f + 0x1p-8f, DType::bf16), 0x3F80u);             // half way: down to the even
    EXPECT_EQ(bits_of_half(1.0f + 3 * 0x1p-8f, DType::bf16), 0x3F82u);         // half way: up to the even
    EXPECT_EQ(bits_of_half(1.0f + 0x1p-8f + 0x1p-20f, DType::bf16), 0x3F81u);  // just over half way
    EXPECT_EQ(bits_of_half(std::numeric_limits<float>::max(), DType::bf16), 0x7F80u);
    EXPECT_TRUE(std::isnan(floats({std::nanf("")}).cast(DType::bf16).floats()[0]));
}

TEST(HostTensor, RoundsToHalfByTheNearestEven) {
    EXPECT_EQ(bits_of_half(-2.0f, DType::f16), 0xC000u);
    EXPECT_EQ(bits_of_half(1.0f + 0x1p-11f, DType::f16), 0x3C00u);
    EXPECT_EQ(bits_of_half(1.0f + 3 * 0x1p-11f, DType::f16), 0x3C02u);
    EXPECT_EQ(bits_of_half(65504.0f, DType::f16), 0x7BFFu);
    EXPECT_EQ(bits_of_half(65520.0f, DType::f16), 0x7C00u);  // over the largest half: infinite
    EXPECT_EQ(bits_of_half(0x1p-24f, DType::f16), 0x0001u);  // the smallest one
}

TEST(HostTensor, WidensHalvesExactly) {
    const std::vector<float> values = {0, -1.5f, 0x1p-24f, 65504.0f, std::numeric_limits<float>::infinity()};
    EXPECT_EQ(floats(values).cast(DType::f16).floats(), values);
    EXPECT_EQ(floats({1, -0x1p100f}).cast(DType::bf16).cast(DType::f32).floats(), (std::vector<float>{1, -0x1p100f}));
    EXPECT_THROW(floats({1}).cast(DType::i64), Bug);
}

}  // namespace
}  // namespace affectsr
