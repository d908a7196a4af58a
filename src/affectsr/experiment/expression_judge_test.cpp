#include "affectsr/experiment/expression_judge.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(ExpressionJudge, AWordMayNameAFileBesideTheNetwork) {
    EXPECT_EQ(name_and_file("small_net"), (std::pair<std::string, std::string>{"small_net", ""}));
    EXPECT_EQ(name_and_file("small_net=a=b.safetensors"),
              (std::pair<std::string, std::string>{"small_net", "a=b.safetensors"}));
}

TEST(ExpressionJudge, EveryoneIsNamedOnce) {
    EXPECT_NO_THROW(expect_each_once("judge", {"one", "other"}));
    EXPECT_THROW(expect_each_once("judge", {}), UsageError);
    EXPECT_THROW(expect_each_once("judge", {"one", "one"}), UsageError);
}

TEST(ExpressionJudge, WhoIsNeitherNetworkNorFileIsRefused) {
    EXPECT_THROW(expression_judge("nobody", "f32"), ModelError);
    EXPECT_THROW(expression_judge("nobody=file.safetensors", "f32"), Error);
}

}  // namespace
}  // namespace affectsr
