#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "affectsr/base/file.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_pictures.h"

namespace affectsr {
namespace {

using testing::code_of;
using testing::smooth_picture;

namespace fs = std::filesystem;

std::string read_code(const fs::path& path, std::string* message = nullptr) {
    return code_of([&path] { read_image(path); }, message);
}

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(CodecFile, ReadsWhatItWroteInEveryFormat) {
    const TemporaryFolder folder;
    const Image image = smooth_picture(20, 14);
    for (const char* name : {"a.png", "a.webp", "a.jpg", "a.JPEG", "a.PNG"}) {
        write_image(folder / name, image, 100);
        EXPECT_LE(testing::largest_difference(read_image(folder / name), image), 3) << name;
    }
    EXPECT_EQ(read_image(folder / "a.png"), image);
}

TEST(CodecFile, TellsTheFormatByContentAndNotByName) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "picture.jpg", encode_png(smooth_picture(5, 4)));
    EXPECT_EQ(read_image(folder / "picture.jpg"), smooth_picture(5, 4));
}

TEST(CodecFile, RefusesToWriteAnUnknownExtension) {
    const TemporaryFolder folder;
    EXPECT_THROW(write_image(folder / "a.bmp", Image(2, 2)), UsageError);
    EXPECT_THROW(write_image(folder / "a", Image(2, 2)), UsageError);
    EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(CodecFile, NamesWhyAFileCannotBeRead) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "folder.jpg");
    write_file_atomically(folder / "empty.jpg", std::string_view());
    write_file_atomically(folder / "text.jpg", std::string_view("not a picture"));
    fs::create_symlink("loop.jpg", folder / "loop.jpg");
    fs::create_symlink("nowhere.jpg", folder / "dangling.jpg");
    std::string message;
    EXPECT_EQ(read_code(folder / "missing.jpg", &message), "not_found");
    EXPECT_NE(message.find("missing.jpg"), std::string::npos) << message;
    EXPECT_EQ(read_code(folder / "dangling.jpg"), "not_found");
    EXPECT_EQ(read_code(folder / "text.jpg/below.jpg"), "not_found");
    EXPECT_EQ(read_code(folder / std::string(300, 'x')), "not_found");
    EXPECT_EQ(read_code(folder / "folder.jpg"), "not_a_file");
    EXPECT_EQ(read_code(folder / "empty.jpg"), "empty_file");
    EXPECT_EQ(read_code(folder / "text.jpg"), "unknown_format");
    EXPECT_EQ(read_code(folder / "loop.jpg"), "not_readable");
    EXPECT_EQ(read_code(""), "not_found");
}

TEST(CodecFile, RefusesAFileItMayNotRead) {
    const TemporaryFolder folder;
    write_image(folder / "secret.png", Image(2, 2));
    fs::permissions(folder.path(), fs::perms(0755));
    fs::permissions(folder / "secret.png", fs::perms::none);
    const uid_t user = ::geteuid();
    constexpr uid_t kNobody = 65534;  // root may read everything
    const bool hidden = user != 0 || ::seteuid(kNobody) == 0;
    const std::string code = read_code(folder / "secret.png");
    const bool restored = user != 0 || ::seteuid(user) == 0;
    ASSERT_TRUE(hidden && restored);
    EXPECT_EQ(code, "not_readable");
}

TEST(CodecFile, RefusesPipesSocketsAndDevicesWithoutWaiting) {
    const TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe.jpg").c_str(), 0600), 0);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (folder / "socket.jpg").c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    for (const fs::path& path :
         {folder / "pipe.jpg", folder / "socket.jpg", fs::path("/dev/zero"), fs::path("/dev/null")}) {
        EXPECT_EQ(read_code(path), "not_a_file") << path;
    }
    ::close(socket);
}

TEST(CodecFile, ReadsNamesOfEveryKind) {
    const TemporaryFolder folder;
    const std::string longest = std::string(251, 'n') + ".png";
    for (const std::string& name :
         {std::string("with space.png"), std::string("line\nbreak.png"), std::string("-dash.png"),
          std::string("\xF0\x9F\x98\x80.png"), std::string("bad\xFFutf8.png"), longest}) {
        write_image(folder / name, Image(3, 2, 50));
        EXPECT_EQ(read_image(folder / name), Image(3, 2, 50)) << name;
    }
}

TEST(CodecFile, ReadsNoMoreThanTheLimit) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "huge.jpg", std::string_view("x"));
    fs::resize_file(folder / "huge.jpg", 300ll << 20);  // sparse
    EXPECT_EQ(read_code(folder / "huge.jpg"), "too_large");
}

TEST(CodecFile, RefusesToWriteWhereItCannotAndNamesThePath) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "folder.png");
    for (const fs::path& path : {folder / "missing/a.png", folder / "folder.png"}) {
        std::string message;
        EXPECT_EQ(code_of([&path] { write_image(path, Image(2, 2)); }, &message), "cannot_write");
        EXPECT_NE(message.find(path.string()), std::string::npos) << message;
    }
    EXPECT_EQ(code_of([] { write_file_atomically("/dev/null", std::string_view("x")); }), "cannot_write");
    EXPECT_EQ(files_in(folder.path()), 1u);
}

}  // namespace
}  // namespace affectsr
