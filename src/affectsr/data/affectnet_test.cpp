#include "affectsr/data/affectnet.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

// A NumPy file of version 1 with this header dictionary and these bytes.
std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
    const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + data;
}

std::optional<double> number_in(const std::string& file) {
    return npy_number({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()});
}

std::string wide(char digit) {
    return std::string(1, digit) + std::string(3, '\0');
}

TEST(Affectnet, ReadsTheNumberOfANumpyFileWhateverItsType) {
    EXPECT_EQ(number_in(npy("<U2", "()", wide('1') + std::string(4, '\0'))), 1);
    EXPECT_EQ(number_in(npy("|S2", "()", "10")), 10);
    EXPECT_EQ(number_in(npy("|u1", "()", "\x07")), 7);
    EXPECT_EQ(number_in(npy("<i4", "(1,)", std::string("\x06\0\0\0", 4))), 6);
    EXPECT_EQ(number_in(npy("<f4", "()", std::string("\0\0\x80\x3f", 4))), 1);
}

TEST(Affectnet, ANumpyFileWithoutOneNumberHasNone) {
    EXPECT_EQ(number_in(""), std::nullopt);
    EXPECT_EQ(number_in("not a NumPy file at all"), std::nullopt);
    EXPECT_EQ(number_in(npy("<i4", "(2,)", std::string(8, '\0'))), std::nullopt);
    EXPECT_EQ(number_in(npy("<i8", "()", std::string(4, '\0'))), std::nullopt) << "cut short";
    EXPECT_EQ(number_in(npy("|S5", "()", "happy")), std::nullopt);
    const std::string whole = npy("|S1", "()", "1");
    EXPECT_EQ(number_in(whole.substr(0, 20)), std::nullopt) << "the header is cut short";
}

TEST(Affectnet, ReadsTheReducedReleaseAndSkipsWhatHasNoEmotion) {
    const PictureFolder folder;
    for (const char* id : {"1", "2", "3"}) folder.picture("train_set/images/" + std::string(id) + ".jpg");
    folder.picture("val_set/images/9.jpg");
    folder.write("train_set/annotations/1_exp.npy", npy("<U1", "()", wide('7')));
    folder.write("train_set/annotations/2_exp.npy", npy("<U1", "()", wide('8')));
    folder.write("val_set/annotations/9_exp.npy", npy("|S1", "()", "1"));
    const auto dataset = open_dataset("affectnet", {{"root", folder.path().string()}});
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->card().skipped, 2) << "one without emotion, one without annotation";
    EXPECT_EQ(dataset->info(0).label, Emotion::contempt);
    EXPECT_EQ(dataset->info(1).split, "val");
}

TEST(Affectnet, ReadsTheFullReleaseByItsColumnNames) {
    const PictureFolder folder;
    folder.picture("Manually_Annotated_Images/103/a.jpg", 3);
    folder.write("training.csv", "expression, subDirectory_filePath\r\n6,103/a.jpg\r\n10,103/b.jpg\r\n1,../c.jpg\r\n");
    folder.write("validation.csv", "subDirectory_filePath,expression\n1/d.jpg,0\n");
    const auto dataset = open_dataset("affectnet", {{"root", folder.path().string()}});
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->card().skipped, 2);
    EXPECT_EQ(dataset->at(0).picture, Image(4, 4, 3));
    EXPECT_EQ(dataset->info(0).label, Emotion::anger);
    const std::string what = refusal([&] { dataset->at(1); });
    EXPECT_NE(what.find("validation.csv line 2"), std::string::npos) << what;
}

}  // namespace
}  // namespace affectsr
