#include "affectsr/weights/finite.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

HostTensor tensor_of(const std::vector<float>& values) {
    return HostTensor::from_floats(values, {static_cast<std::int64_t>(values.size())});
}

HostTensor of_doubles(const std::vector<double>& values) {
    std::shared_ptr<std::byte[]> memory(new std::byte[values.size() * sizeof(double)]);
    std::memcpy(memory.get(), values.data(), values.size() * sizeof(double));
    return {
        DType::f64, {static_cast<std::int64_t>(values.size())}, {memory, memory.get()}, values.size() * sizeof(double)};
}

TEST(Finite, FindsTheFirstThatIsNoNumberInEveryType) {
    for (const float bad : {kNan, -kNan, kInfinity, -kInfinity})
        for (const DType type : {DType::f32, DType::f16, DType::bf16})
            EXPECT_EQ(first_not_finite(tensor_of({0, -1.5f, bad, bad}).cast(type)), 2) << name_of(type) << bad;
    EXPECT_EQ(first_not_finite(of_doubles({1, std::numeric_limits<double>::quiet_NaN()})), 1);
    EXPECT_EQ(first_not_finite(of_doubles({-3.5e38})), 0) << "beyond float32";
}

TEST(Finite, TakesEveryNumberThatFloat32Holds) {
    constexpr float kMost = std::numeric_limits<float>::max(), kLeast = std::numeric_limits<float>::denorm_min();
    EXPECT_FALSE(first_not_finite(tensor_of({0, -0.f, kMost, -kMost, kLeast})));
    EXPECT_FALSE(first_not_finite(tensor_of({65504, 6e-8f}).cast(DType::f16)));
    EXPECT_FALSE(first_not_finite(tensor_of({3e38f, 1e-40f}).cast(DType::bf16)));
    EXPECT_FALSE(first_not_finite(of_doubles({3.4e38, 1e-300, 5e-324})));
    EXPECT_FALSE(first_not_finite(HostTensor::from_ints(std::vector<std::int64_t>{-1, INT64_MAX}, {2})));
    EXPECT_FALSE(first_not_finite(tensor_of({})));
}

TEST(Finite, NamesTensorElementAndValue) {
    try {
        expect_finite({{"a", tensor_of({1})}, {"b.weight", tensor_of({1, -kInfinity})}, {"c", tensor_of({kNan})}}, "x");
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "not_finite");
        const std::string message = error.what();
        EXPECT_EQ(message.find("x: tensor \"b.weight\" has an element, number 1, that is minus infinite"), 0u)
            << message;
    }
}

}  // namespace
}  // namespace affectsr
