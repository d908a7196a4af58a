#include "affectsr/base/json_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr {
namespace {

std::string code_of(const std::filesystem::path& file, std::int64_t most_bytes) {
    try {
        read_json(file, most_bytes);
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
        return error.code();
    }
    return "";
}

TEST(JsonFile, IsReadWithinItsLimitOrRefusedByName) {
    const TemporaryFolder folder;
    const std::filesystem::path good = folder.path() / "good.json", bad = folder.path() / "bad.json";
    std::ofstream(good) << R"({"a": [1, 2]})";
    std::ofstream(bad) << R"({"a": [1, 2)";
    EXPECT_EQ(read_json(good, 100)["a"][1], 2);
    EXPECT_EQ(code_of(good, 5), "too_large");
    EXPECT_EQ(code_of(bad, 100), "not_json");
    EXPECT_EQ(code_of(folder.path() / "none.json", 100), "not_found");
}

}  // namespace
}  // namespace affectsr
