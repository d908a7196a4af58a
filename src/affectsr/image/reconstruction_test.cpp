#include "affectsr/image/reconstruction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "affectsr/base/fields.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using namespace testing;

Reconstruction some_reconstruction() {
    return {"affectsr_net", std::string(64, 'a'), "1.2.3", 4, {31.25, 8, 127.5}};
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Reconstruction, TheMarkIsReadBackFromEveryFormat) {
    const Reconstruction made = some_reconstruction();
    const Image image = smooth_picture(20, 10);
    for (const Bytes& file : {encode_png(image), encode_jpeg(image), encode_webp(image)})
        EXPECT_TRUE(reconstruction_in(read_notes(with_notes(file, notes_of(made)))) == made);
    EXPECT_FALSE(reconstruction_in(read_notes(encode_png(image))));
}

TEST(Reconstruction, ThePacketSaysItInIptcsWords) {
    const std::string xmp = notes_of(some_reconstruction()).xmp;
    EXPECT_TRUE(xmp.starts_with("<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"));
    EXPECT_TRUE(xmp.ends_with("<?xpacket end=\"r\"?>"));
    EXPECT_TRUE(contains(xmp, "xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\""));
    EXPECT_TRUE(contains(xmp,
                         "Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/"
                         "compositeWithTrainedAlgorithmicMedia\""));
    EXPECT_TRUE(contains(xmp, "Iptc4xmpExt:AISystemUsed=\"affectsr 1.2.3, affectsr_net\""));
    EXPECT_TRUE(contains(xmp, "affectsr:FaceSizesPx=\"31.25 8 127.5\""));
}

TEST(Reconstruction, APngSaysItInPlainTextToo) {
    const PictureNotes notes = notes_of(some_reconstruction());
    ASSERT_EQ(notes.texts.size(), 2U);
    const Json told = Json::parse(notes.texts[1].second);
    EXPECT_EQ(notes.texts[1].first, "affectsr");
    EXPECT_EQ(told["reconstruction"], true);
    EXPECT_EQ(told["model_sha256"], std::string(64, 'a'));
    EXPECT_EQ(told["face_px"][1], 8);
}

TEST(Reconstruction, WhereNoNetworkMadePixelsNoneIsAccused) {
    Reconstruction resampled = some_reconstruction();
    resampled.face_px.clear();
    Reconstruction weightless = some_reconstruction();
    weightless.model_sha256.clear();
    for (const Reconstruction& made : {resampled, weightless}) {
        const PictureNotes notes = notes_of(made);
        EXPECT_TRUE(contains(notes.xmp, "digitalsourcetype/algorithmicallyEnhanced\""));
        EXPECT_FALSE(contains(notes.xmp, "AISystemUsed"));
        EXPECT_TRUE(reconstruction_in(notes) == made);
    }
}

TEST(Reconstruction, NamesCannotBreakThePacket) {
    Reconstruction made = some_reconstruction();
    made.restorer = "a\"<b>&amp;'\xC3\xA9";
    made.version = "1\xFF";
    const PictureNotes notes = notes_of(made);
    EXPECT_EQ(reconstruction_in(notes)->restorer, made.restorer);
    EXPECT_EQ(reconstruction_in(notes)->version, "1\xEF\xBF\xBD");
    EXPECT_EQ(std::count(notes.xmp.begin(), notes.xmp.end(), '<'), 7);
}

TEST(Reconstruction, ADamagedMarkIsNone) {
    const std::string whole = notes_of(some_reconstruction()).xmp;
    PictureNotes notes;
    for (const std::string name : {"Reconstruction", "Restorer", "ModelSha256", "Version", "Scale", "FaceSizesPx"}) {
        notes.xmp = whole;
        notes.xmp.erase(notes.xmp.find("affectsr:" + name + "="), 9);
        EXPECT_FALSE(reconstruction_in(notes)) << name;
    }
    notes.xmp = whole;
    notes.xmp.replace(notes.xmp.find("\"4\""), 3, "\"4x\"");
    EXPECT_FALSE(reconstruction_in(notes));
}

}  // namespace
}  // namespace affectsr
