#include "affectsr/checkpoint/flat_buffer.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

constexpr std::size_t kTextOffset = 24;  // where the table's second field lies

/// A table of the number 42 and the text "abc", written byte by byte.
std::vector<std::byte> small_buffer() {
    std::vector<std::byte> file;
    const auto put = [&file](std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) file.push_back(static_cast<std::byte>(value >> (8 * i)));
    };
    put(16, 4);  // where the root table is
    for (const char c : std::string_view("TST1")) put(static_cast<unsigned char>(c), 1);
    put(8, 2), put(12, 2), put(4, 2), put(8, 2);  // vtable: its bytes, the table's, two fields
    put(8, 4);                                    // table: the vtable is 8 bytes before it
    put(42, 4), put(4, 4);                        // the number; how far away the text is
    put(3, 4);
    for (const char c : std::string_view("abc")) put(static_cast<unsigned char>(c), 1);
    put(0, 1);
    return file;
}

TEST(FlatBuffer, ReadsFieldsAndTheirDefaults) {
    const std::vector<std::byte> file = small_buffer();
    FlatBuffer buffer(file, "small");
    EXPECT_EQ(buffer.identifier(), "TST1");
    const FlatBuffer::Table root = buffer.root();
    EXPECT_EQ(buffer.scalar<std::uint32_t>(root, 0), 42u);
    EXPECT_EQ(buffer.scalar<std::uint32_t>(root, 2, 7u), 7u) << "a field that the writer did not know";
    EXPECT_EQ(buffer.text(root, 1, 8), "abc");
    EXPECT_EQ(buffer.numbers<std::uint8_t>(root, 1, 8), (std::vector<std::uint8_t>{'a', 'b', 'c'}));
    EXPECT_FALSE(buffer.table(root, 5).has_value());
}

TEST(FlatBuffer, RefusesWhatIsLongerThanItMayBe) {
    const std::vector<std::byte> file = small_buffer();
    FlatBuffer buffer(file, "small");
    const FlatBuffer::Table root = buffer.root();
    EXPECT_THROW(buffer.text(root, 1, 2), ModelError);
    EXPECT_THROW(buffer.vector(root, 1, 1, 2), ModelError);
    EXPECT_THROW(buffer.vector(root, 1, 8, 8), ModelError) << "three numbers of 8 bytes reach out of the file";
}

TEST(FlatBuffer, RefusesAFileThatIsCutOffAnywhere) {
    const std::vector<std::byte> whole = small_buffer();
    for (std::size_t bytes = 0; bytes + 1 < whole.size(); ++bytes) {  // the last byte ends the text and is not needed
        const std::vector<std::byte> file(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
        FlatBuffer buffer(file, "cut");
        EXPECT_THROW(buffer.text(buffer.root(), 1, 8), ModelError) << bytes;
    }
}

TEST(FlatBuffer, RefusesAnOffsetThatLeadsOutOfTheFileNamingIt) {
    std::vector<std::byte> file = small_buffer();
    for (std::size_t i = 0; i < 4; ++i) file[kTextOffset + i] = std::byte{0xFF};
    FlatBuffer buffer(file, "bent.tflite");
    try {
        buffer.text(buffer.root(), 1, 8);
        FAIL() << "it was followed";
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "model_damaged");
        EXPECT_NE(std::string(error.what()).find("bent.tflite"), std::string::npos) << error.what();
    }
}

TEST(FlatBuffer, RefusesToReadTheSameAgainAndAgain) {
    const std::vector<std::byte> file = small_buffer();
    FlatBuffer buffer(file, "shared");
    const FlatBuffer::Table root = buffer.root();
    EXPECT_THROW(for (int i = 0; i < 10'000'000; ++i) buffer.numbers<std::uint8_t>(root, 1, 8), ModelError);
}

}  // namespace
}  // namespace affectsr
