#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <new>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/image/codec_formats.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/exif.h"

namespace affectsr {
namespace {

/// libpng reports errors by a function that must not return. It jumps back into guarded(), below which only frames of
/// C code and of lambdas without destructors lie, so nothing is skipped.
struct PngErrors {
    std::jmp_buf back;
    std::array<char, 200> message{};
    bool ended_early = false;

    static void fail(png_structp png, png_const_charp why) {
        auto* errors = static_cast<PngErrors*>(png_get_error_ptr(png));
        const std::size_t length = std::min(std::strlen(why), errors->message.size() - 1);
        std::memcpy(errors->message.data(), why, length);
        errors->message[length] = '\0';
        std::longjmp(errors->back, 1);
    }
    static void warn(png_structp, png_const_charp) {}  // about notes beside the pixels; a wrong pixel is an error

    /// Calls into libpng; false if it failed. `call` must hold and make nothing with a destructor.
    template <class Call>
    bool guarded(Call call) {
        if (setjmp(back) != 0) return false;
        call();
        return true;
    }
};

class PngReader {
 public:
    explicit PngReader(const codec::Encoded& encoded) : encoded_(encoded), left_(encoded.bytes) {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors_, PngErrors::fail, PngErrors::warn);
        if (png_ != nullptr) info_ = png_create_info_struct(png_);
        if (info_ == nullptr) {
            png_destroy_read_struct(&png_, nullptr, nullptr);
            throw std::bad_alloc();
        }
    }
    ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    Image read() {
        check_header();
        int passes = 1;
        call([this, &passes] {
            read_only_what_matters();
            png_set_read_fn(png_, this, read_bytes);
            png_read_info(png_, info_);
            png_set_expand(png_);    // palette, 1, 2 and 4 bits → 8; a transparent colour → alpha
            png_set_scale_16(png_);  // rounded, not cut
            png_set_gray_to_rgb(png_);
            passes = png_set_interlace_handling(png_);
            png_read_update_info(png_, info_);
        });
        const bool alpha = png_get_channels(png_, info_) == 4;
        Image image;
        image.width = static_cast<int>(png_get_image_width(png_, info_));
        image.height = static_cast<int>(png_get_image_height(png_, info_));
        const std::size_t stride = png_get_rowbytes(png_, info_);
        AFFECTSR_EXPECT(stride == static_cast<std::size_t>(image.width) * (alpha ? 4 : 3), "libpng gives 8-bit RGB(A)");
        image.rgb.resize(stride * static_cast<std::size_t>(image.height));
        const bool done = errors_.guarded([this, &image, passes, stride] {
            for (int pass = 0; pass < passes; ++pass) {
                for (int y = 0; y < image.height; ++y) {
                    png_read_row(png_, image.rgb.data() + static_cast<std::size_t>(y) * stride, nullptr);
                }
            }
        });
        if (done) {
            read_behind_pixels();
        } else if (!errors_.ended_early || !every_row_came()) {
            fail();
        }
        if (alpha) codec::lay_over_white(image);
        return upright(std::move(image), orientation());
    }

 private:
    template <class Call>
    void call(Call what) {
        if (!errors_.guarded(what)) fail();
    }

    [[noreturn]] void fail() const {
        if (errors_.ended_early) codec::refuse_truncated(encoded_, "PNG");
        codec::refuse(encoded_, "PNG", errors_.message.data());
    }

    /// libpng asks for the checksum behind the pixels before it gives the last row back.
    bool every_row_came() const {
        return png_get_current_row_number(png_) >= png_get_image_height(png_, info_) ||
               png_get_current_pass_number(png_) >= PNG_INTERLACE_ADAM7_PASSES;
    }

    /// All pixels are there; their checksums may yet show that they are wrong, and the orientation may follow them.
    /// That the file ends early, or ends in other bytes than its end chunk, costs no pixel.
    void read_behind_pixels() {
        const std::size_t checked = encoded_.bytes.size() - behind_pixels().size();
        if (errors_.guarded([this] { png_read_end(png_, info_); }) || errors_.ended_early) return;
        const std::size_t read = encoded_.bytes.size() - left_.size();
        if (read <= checked) codec::refuse(encoded_, "PNG", errors_.message.data());
    }

    /// The bytes behind the last chunk of pixels and its checksum; none if the file ends before.
    std::span<const std::uint8_t> behind_pixels() const {
        constexpr std::size_t kSignature = 8, kAroundChunk = 12;
        std::span<const std::uint8_t> rest = encoded_.bytes.subspan(kSignature);
        bool pixels_seen = false;
        while (rest.size() >= kAroundChunk) {
            const bool pixels = std::memcmp(rest.data() + 4, "IDAT", 4) == 0;
            if (pixels_seen && !pixels) return rest;
            pixels_seen = pixels;
            const auto chunk = static_cast<std::size_t>(big_endian(rest, 0)) + kAroundChunk;
            rest = rest.subspan(std::min(rest.size(), chunk));
        }
        return pixels_seen ? rest : rest.subspan(rest.size());
    }

    /// libpng has limits of its own and names them less clearly, so the size is read here first (PNG 1.2, 11.2.2).
    void check_header() const {
        constexpr std::size_t kSizeAt = 16;
        if (left_.size() < kSizeAt + 8) codec::refuse_truncated(encoded_, "PNG");
        if (std::memcmp(left_.data() + 12, "IHDR", 4) != 0)
            codec::refuse(encoded_, "PNG", "it does not begin with IHDR");
        const std::int64_t width = big_endian(left_, kSizeAt), height = big_endian(left_, kSizeAt + 4);
        codec::check_claimed_size(encoded_, width, height);
        constexpr std::size_t kEndChunk = 12;
        const bool whole = std::memcmp(left_.data() + left_.size() - kEndChunk + 4, "IEND", 4) == 0;
        codec::check_ratio(encoded_, width, height, "PNG", whole);
    }

    static std::int64_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at) {
        const std::uint8_t* b = bytes.data() + at;
        return std::int64_t{b[0]} << 24 | std::int64_t{b[1]} << 16 | std::int64_t{b[2]} << 8 | b[3];
    }

    /// Colour profiles and texts, which may be bombs themselves, are stepped over; only EXIF is wanted.
    void read_only_what_matters() {
        static constexpr png_byte kExif[] = {'e', 'X', 'I', 'f', '\0'};
        png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
        png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_AS_DEFAULT, kExif, 1);
        const auto side = static_cast<png_uint_32>(encoded_.limits.side_px);
        png_set_user_limits(png_, side, side);
    }

    static void read_bytes(png_structp png, png_bytep to, std::size_t count) {
        auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
        if (reader->left_.size() < count) {
            reader->errors_.ended_early = true;
            png_error(png, "the file ends early");
        }
        std::memcpy(to, reader->left_.data(), count);
        reader->left_ = reader->left_.subspan(count);
    }

    int orientation() {
        png_uint_32 size = 0;
        png_bytep exif = nullptr;
        if (png_get_eXIf_1(png_, info_, &size, &exif) == 0 || exif == nullptr) return 1;
        return exif_orientation({exif, size});
    }

    const codec::Encoded& encoded_;
    std::span<const std::uint8_t> left_;
    PngErrors errors_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
};

class PngWriter {
 public:
    PngWriter() {
        png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors_, PngErrors::fail, PngErrors::warn);
        if (png_ != nullptr) info_ = png_create_info_struct(png_);
        if (info_ == nullptr) {
            png_destroy_write_struct(&png_, nullptr);
            throw ResourceError("out_of_memory", "no memory left to write a PNG");
        }
    }
    ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
    PngWriter(const PngWriter&) = delete;
    PngWriter& operator=(const PngWriter&) = delete;

    std::vector<std::uint8_t> write(const Image& image) {
        const bool done = errors_.guarded([this, &image] {
            png_set_write_fn(png_, this, keep_bytes, [](png_structp) {});
            png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
                         PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
            png_write_info(png_, info_);
            for (int y = 0; y < image.height; ++y) png_write_row(png_, image.pixel(0, y));
            png_write_end(png_, info_);
        });
        if (!done) throw ResourceError("out_of_memory", std::string("cannot make a PNG: ") + errors_.message.data());
        return std::move(bytes_);
    }

 private:
    static void keep_bytes(png_structp png, png_bytep from, std::size_t count) {
        auto& bytes = static_cast<PngWriter*>(png_get_io_ptr(png))->bytes_;
        bool kept = true;
        try {
            bytes.insert(bytes.end(), from, from + count);
        } catch (const std::bad_alloc&) {
            kept = false;  // an exception must not pass through libpng
        }
        if (!kept) png_error(png, "no memory left");
    }

    PngErrors errors_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    std::vector<std::uint8_t> bytes_;
};

}  // namespace

Image codec::decode_png(const Encoded& encoded) {
    return PngReader(encoded).read();
}

std::vector<std::uint8_t> encode_png(const Image& image) {
    codec::check_encodable(image, 100, "PNG", 1'000'000);  // libpng's own limit
    return PngWriter().write(image);
}

}  // namespace affectsr
