#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <string>

// libjpeg's headers use FILE and size_t without including them.
#include <jerror.h>
#include <jpeglib.h>

#include "affectsr/base/error.h"
#include "affectsr/image/codec_formats.h"
#include "affectsr/image/exif.h"

namespace affectsr {
namespace {

/// A progressive file may hold any number of scans, each a few bytes that cost a walk over the whole picture. Encoders
/// write about ten. Both limits together bound the work to seconds.
constexpr int kMostScans = 500;
constexpr double kMostScannedPixels = 2.5e9;

/// libjpeg reports errors by a function that must not return. It jumps back into guarded(), below which only frames of
/// C code and of lambdas without destructors lie, so nothing is skipped.
struct JpegErrors {
    jpeg_error_mgr manager;
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX];
    bool ended_early;  ///< the file or its entropy-coded data end before the picture does
    bool damaged;      ///< a warning that means wrong pixels
    bool too_many_scans;

    jpeg_error_mgr* attach() {
        jpeg_std_error(&manager);
        manager.error_exit = [](j_common_ptr codec) {
            auto* errors = reinterpret_cast<JpegErrors*>(codec->err);
            errors->manager.format_message(codec, errors->message);
            std::longjmp(errors->back, 1);
        };
        manager.emit_message = [](j_common_ptr codec, int level) {
            if (level < 0) reinterpret_cast<JpegErrors*>(codec->err)->note_warning(codec);
        };
        manager.output_message = [](j_common_ptr) {};
        message[0] = '\0';
        ended_early = damaged = too_many_scans = false;
        return &manager;
    }

    void note_warning(j_common_ptr codec) {
        switch (manager.msg_code) {
            case JWRN_JPEG_EOF:
            case JWRN_HIT_MARKER:
                ended_early = true;
                return;
            case JWRN_EXTRANEOUS_DATA:  // padding between segments, written by some cameras
            case JWRN_ADOBE_XFORM:
            case JWRN_JFIF_MAJOR:
                return;
            default:
                break;
        }
        if (!damaged) manager.format_message(codec, message);
        damaged = true;
    }

    /// Calls into libjpeg; false if it failed. `call` must hold and make nothing with a destructor.
    template <class Call>
    bool guarded(Call call) {
        if (setjmp(back) != 0) return false;
        call();
        return true;
    }
};

class JpegReader {
 public:
    explicit JpegReader(const codec::Encoded& encoded) : encoded_(encoded) {
        decoder_.err = errors_.attach();
        call([this] {
            jpeg_create_decompress(&decoder_);
            decoder_.client_data = &errors_;
            jpeg_mem_src(&decoder_, encoded_.bytes.data(), encoded_.bytes.size());
        });
    }
    ~JpegReader() { jpeg_destroy_decompress(&decoder_); }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    Image read() {
        call([this] {
            jpeg_save_markers(&decoder_, JPEG_APP0 + 1, 0xFFFF);
            jpeg_read_header(&decoder_, TRUE);
        });
        codec::check_claimed_size(encoded_, decoder_.image_width, decoder_.image_height);
        codec::check_ratio(encoded_, decoder_.image_width, decoder_.image_height, "JPEG", has_end());
        const int turned = orientation();  // now: finishing forgets the markers
        const bool four_inks = choose_colours();
        limit_scans();
        call([this] { jpeg_start_decompress(&decoder_); });
        Image image(static_cast<int>(decoder_.output_width), static_cast<int>(decoder_.output_height));
        if (four_inks) {
            read_inks(image);
        } else {
            call([this, &image] {
                while (decoder_.output_scanline < decoder_.output_height) {
                    JSAMPROW row = image.pixel(0, static_cast<int>(decoder_.output_scanline));
                    jpeg_read_scanlines(&decoder_, &row, 1);
                }
            });
        }
        call([this] { jpeg_finish_decompress(&decoder_); });
        return upright(std::move(image), turned);
    }

 private:
    template <class Call>
    void call(Call what) {
        const bool done = errors_.guarded(what);
        if (errors_.ended_early) codec::refuse_truncated(encoded_, "JPEG");
        if (errors_.too_many_scans) codec::refuse(encoded_, "JPEG", "more scans than any picture of its size needs");
        if (!done && errors_.manager.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
        if (!done && errors_.manager.msg_code == JERR_IMAGE_TOO_BIG) {
            codec::check_claimed_size(encoded_, decoder_.image_width, decoder_.image_height);
        }
        if (!done || errors_.damaged) codec::refuse(encoded_, "JPEG", errors_.message);
    }

    /// Whether an end marker follows the header; small pictures inside the header have markers of their own.
    bool has_end() const {
        static constexpr std::uint8_t kEnd[] = {0xFF, JPEG_EOI};
        const std::uint8_t* end = encoded_.bytes.data() + encoded_.bytes.size();
        return std::search(decoder_.src->next_input_byte, end, std::begin(kEnd), std::end(kEnd)) != end;
    }

    /// True if the rows come as four inks: libjpeg converts YCCK to CMYK, but no inks to RGB.
    bool choose_colours() {
        const bool four_inks = decoder_.jpeg_color_space == JCS_CMYK || decoder_.jpeg_color_space == JCS_YCCK;
        decoder_.out_color_space = four_inks ? JCS_CMYK : JCS_RGB;
        decoder_.dct_method = JDCT_ISLOW;  // the same bytes with and without SIMD
        return four_inks;
    }

    void limit_scans() {
        progress_.progress_monitor = [](j_common_ptr codec) {
            auto* decoder = reinterpret_cast<j_decompress_ptr>(codec);
            auto* errors = static_cast<JpegErrors*>(codec->client_data);
            const double scanned =
                static_cast<double>(decoder->input_scan_number) * decoder->image_width * decoder->image_height;
            if (decoder->input_scan_number <= kMostScans && scanned <= kMostScannedPixels) return;
            errors->too_many_scans = true;
            std::longjmp(errors->back, 1);
        };
        decoder_.progress = &progress_;
    }

    void read_inks(Image& image) {
        std::vector<std::uint8_t> inks(static_cast<std::size_t>(image.width) * 4);
        // Adobe writes 255 for no ink, and says so by being there (its APP14 marker).
        const int flip = decoder_.saw_Adobe_marker ? 0 : 255;
        for (int y = 0; y < image.height; ++y) {
            call([this, row = inks.data()]() mutable { jpeg_read_scanlines(&decoder_, &row, 1); });
            for (int x = 0; x < image.width; ++x) {
                const std::uint8_t* cmyk = inks.data() + static_cast<std::size_t>(x) * 4;
                const int light = flip ^ cmyk[3];
                for (int i = 0; i < 3; ++i) {
                    image.pixel(x, y)[i] = static_cast<std::uint8_t>(((flip ^ cmyk[i]) * light + 127) / 255);
                }
            }
        }
    }

    int orientation() const {
        for (const jpeg_marker_struct* marker = decoder_.marker_list; marker != nullptr; marker = marker->next) {
            const std::span<const std::uint8_t> data(marker->data, marker->data_length);
            if (data.size() > 6 && std::memcmp(data.data(), "Exif\0\0", 6) == 0) return exif_orientation(data);
        }
        return 1;
    }

    const codec::Encoded& encoded_;
    JpegErrors errors_;
    jpeg_decompress_struct decoder_{};
    jpeg_progress_mgr progress_{};
};

class JpegWriter {
 public:
    JpegWriter() { encoder_.err = errors_.attach(); }
    ~JpegWriter() {
        jpeg_destroy_compress(&encoder_);
        std::free(bytes_);
    }
    JpegWriter(const JpegWriter&) = delete;
    JpegWriter& operator=(const JpegWriter&) = delete;

    std::vector<std::uint8_t> write(const Image& image, int quality) {
        const bool done = errors_.guarded([this, &image, quality] {
            jpeg_create_compress(&encoder_);
            jpeg_mem_dest(&encoder_, &bytes_, &size_);
            encoder_.image_width = static_cast<JDIMENSION>(image.width);
            encoder_.image_height = static_cast<JDIMENSION>(image.height);
            encoder_.input_components = 3;
            encoder_.in_color_space = JCS_RGB;
            jpeg_set_defaults(&encoder_);
            jpeg_set_quality(&encoder_, quality, TRUE);
            if (quality >= 90) encoder_.comp_info[0].h_samp_factor = encoder_.comp_info[0].v_samp_factor = 1;
            jpeg_start_compress(&encoder_, TRUE);
            while (encoder_.next_scanline < encoder_.image_height) {
                // libjpeg's rows are not const, but it only reads them.
                auto* row = const_cast<JSAMPROW>(image.pixel(0, static_cast<int>(encoder_.next_scanline)));
                jpeg_write_scanlines(&encoder_, &row, 1);
            }
            jpeg_finish_compress(&encoder_);
        });
        if (!done) throw ResourceError("out_of_memory", std::string("cannot make a JPEG: ") + errors_.message);
        return {bytes_, bytes_ + size_};
    }

 private:
    JpegErrors errors_;
    jpeg_compress_struct encoder_{};
    unsigned char* bytes_ = nullptr;
    unsigned long size_ = 0;
};

}  // namespace

Image codec::decode_jpeg(const Encoded& encoded) {
    return JpegReader(encoded).read();
}

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
    codec::check_encodable(image, quality, "JPEG", 65500);
    return JpegWriter().write(image, quality);
}

}  // namespace affectsr
