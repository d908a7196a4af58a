#include "affectsr/data/kdef.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "affectsr/data/catalog.h"
#include "affectsr/data/split.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

TEST(Kdef, ReadsNamesInAnyCaseAndRefusesOthers) {
    const auto name = kdef_name("bm35suhr.jpeg");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->session, 'B');
    EXPECT_EQ(name->person(), "M35");
    EXPECT_EQ(name->emotion, Emotion::surprise);
    EXPECT_EQ(name->angle, "HR");
    for (const char* other : {"FAFFL.JPG", "AF36ANS.JPG", "AF00ANS.JPG", "CF01ANS.JPG", "AX01ANS.JPG", "AF01XXS.JPG",
                              "AF01ANX.JPG", "AF01AN.JPG", "AF01ANS", "Thumbs.db", ""}) {
        EXPECT_EQ(kdef_name(other).has_value(), false) << other;
    }
}

TEST(Kdef, KnowsTheTwoMisnamedFiles) {
    EXPECT_EQ(kdef_name("AF31V.JPG")->emotion, Emotion::sadness);
    EXPECT_EQ(kdef_name("AF31V.JPG")->angle, "HL");
    EXPECT_EQ(kdef_name("AM31H.JPG")->emotion, Emotion::surprise);
}

TEST(Kdef, HoldsFiveWomenAndFiveMenOutTwice) {
    for (char gender : {'F', 'M'}) {
        std::map<std::string, int> people;
        for (int identity = 1; identity <= 35; ++identity) ++people[kdef_split(gender, identity, 1)];
        EXPECT_EQ(people, (std::map<std::string, int>{{"test", 5}, {"train", 25}, {"val", 5}}));
    }
    const auto held_out = [](std::uint64_t seed) {
        std::set<int> people;
        for (int identity = 1; identity <= 35; ++identity) {
            if (kdef_split('F', identity, seed) == "test") people.insert(identity);
        }
        return people;
    };
    EXPECT_NE(held_out(1), held_out(2));
}

TEST(Kdef, APersonStandsInOneSplitWithBothSessions) {
    const PictureFolder folder;
    for (int identity = 1; identity <= 35; ++identity) {
        for (const char* session : {"AF", "BF", "AM", "BM"}) {
            const std::string number = (identity < 10 ? "0" : "") + std::to_string(identity);
            folder.write(session + number + "/" + session + number + "HAS.JPG", "x");
        }
    }
    const auto dataset = open_dataset("kdef", {{"root", folder.path().string()}});
    ASSERT_EQ(dataset->size(), 140u);
    EXPECT_TRUE(subjects_in_several_splits(*dataset).empty());
    EXPECT_EQ(open_dataset("kdef", {{"root", folder.path().string()}, {"split", "test"}})->size(), 20u);
}

TEST(Kdef, KeepsTheChosenAnglesAndCountsForeignFiles) {
    const PictureFolder folder;
    folder.picture("AF01/AF01ANS.JPG");
    folder.picture("AF01/AF01ANFL.JPG");
    folder.picture("AF01/AF01SUFR.JPG");
    folder.picture("averages/FAFS.JPG");
    const std::string root = folder.path().string();
    EXPECT_EQ(open_dataset("kdef", {{"root", root}})->card().skipped, 1);
    const auto straight = open_dataset("kdef", {{"root", root}, {"angles", {"s", "FR"}}});
    ASSERT_EQ(straight->size(), 2u);
    EXPECT_EQ(straight->info(0).label, Emotion::anger);
    EXPECT_TRUE(straight->info(0).usable);
    EXPECT_FALSE(straight->info(1).usable) << "AF01SUFR is nearly black";
    EXPECT_THROW(open_dataset("kdef", {{"root", root}, {"angles", {"X"}}}), UsageError);
}

}  // namespace
}  // namespace affectsr
