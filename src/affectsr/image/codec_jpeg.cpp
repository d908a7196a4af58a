#include <algorithm>
#include <array>
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
#include "affectsr/image/encode.h"
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
    bool file_ended;  ///< libjpeg asked for bytes behind the last one; it is told that the picture ends there
    bool data_ended;  ///< entropy-coded data end before their pixels do: at a marker or with the file
    bool damaged;     ///< a warning that means wrong pixels

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
        file_ended = data_ended = damaged = false;
        return &manager;
    }

    void note_warning(j_common_ptr codec) {
        switch (manager.msg_code) {
            case JWRN_JPEG_EOF:
                file_ended = true;
                return;
            case JWRN_HIT_MARKER:
                data_ended = true;
                return;
            case JWRN_NOT_SEQUENTIAL:   // a sequential scan is whole whatever its Ss, Se, Ah, Al say; phones write Se =
                                        // 0
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
        const int turned = orientation();
        const bool four_inks = choose_colours();
        if (jpeg_has_multiple_scans(&decoder_) != 0) {
            read_scans();
        } else {
            call([this] { jpeg_start_decompress(&decoder_); });
        }
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
        // Every row is there. What follows, be it an end marker, a trailer, another picture or nothing, is not read.
        return upright(std::move(image), turned);
    }

 private:
    template <class Call>
    void call(Call what) {
        const bool done = errors_.guarded(what);
        check(done);
    }

    /// Throws if the last call into libjpeg failed, or if pixels so far are missing or wrong.
    void check(bool done) {
        if (errors_.data_ended) codec::refuse_truncated(encoded_, "JPEG");
        // An arithmetic decoder takes what is missing for zeros and does not tell.
        if (errors_.file_ended && (!done || decoder_.arith_code)) codec::refuse_truncated(encoded_, "JPEG");
        if (!done && errors_.manager.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
        if (!done && errors_.manager.msg_code == JERR_IMAGE_TOO_BIG) {
            codec::check_claimed_size(encoded_, decoder_.image_width, decoder_.image_height);
        }
        if (!done || errors_.damaged) codec::refuse(encoded_, "JPEG", errors_.message);
    }

    /// Reads the scans of a progressive or not interleaved picture up to the one that completes it, or to the end
    /// marker, which may come before: a picture may have been stored with less than full precision on purpose. Then
    /// makes libjpeg ready to give rows.
    void read_scans() {
        call([this] {
            decoder_.buffered_image = TRUE;
            jpeg_start_decompress(&decoder_);
        });
        std::array<bool, MAX_COMPONENTS> scanned{};
        bool complete = false, ended = false;
        while (!complete && !ended) {
            check_scans();
            int status = JPEG_SUSPENDED;
            const bool done = errors_.guarded([this, &status] {
                do status = jpeg_consume_input(&decoder_);
                while (status == JPEG_ROW_COMPLETED);
            });
            // Where the next picture begins, this one has ended, though not all of it came.
            if (!done && errors_.manager.msg_code == JERR_SOI_DUPLICATE) codec::refuse_truncated(encoded_, "JPEG");
            check(done);
            if (status == JPEG_SCAN_COMPLETED) complete = note_scan(scanned);
            ended = status == JPEG_REACHED_EOI;
        }
        if (!complete && (errors_.file_ended || !every_component_came(scanned))) {
            codec::refuse_truncated(encoded_, "JPEG");
        }
        call([this] { jpeg_start_output(&decoder_, decoder_.input_scan_number); });
    }

    /// Enters the components of the scan that was just read. True if nothing more can come.
    bool note_scan(std::array<bool, MAX_COMPONENTS>& scanned) const {
        for (int i = 0; i < decoder_.comps_in_scan; ++i) scanned[decoder_.cur_comp_info[i]->component_index] = true;
        if (!every_component_came(scanned)) return false;
        if (!decoder_.progressive_mode) return true;
        // For every coefficient, the lowest bit that came; −1: none.
        return std::all_of(decoder_.coef_bits, decoder_.coef_bits + decoder_.num_components, [](const auto& lowest) {
            return std::all_of(std::begin(lowest), std::end(lowest), [](int bit) { return bit == 0; });
        });
    }

    bool every_component_came(const std::array<bool, MAX_COMPONENTS>& scanned) const {
        return std::all_of(scanned.begin(), scanned.begin() + decoder_.num_components, [](bool came) { return came; });
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

    void check_scans() const {
        const double scanned =
            static_cast<double>(decoder_.input_scan_number) * decoder_.image_width * decoder_.image_height;
        if (decoder_.input_scan_number <= kMostScans && scanned <= kMostScannedPixels) return;
        codec::refuse(encoded_, "JPEG", "more scans than any picture of its size needs");
    }

    void read_inks(Image& image) {
        std::vector<std::uint8_t> inks(static_cast<std::size_t>(image.width) * 4);
        // 255 stands for no ink. Adobe began it, and all decoders read it so, whether Adobe's marker is there or not.
        for (int y = 0; y < image.height; ++y) {
            call([this, row = inks.data()]() mutable { jpeg_read_scanlines(&decoder_, &row, 1); });
            for (int x = 0; x < image.width; ++x) {
                const std::uint8_t* cmyk = inks.data() + static_cast<std::size_t>(x) * 4;
                for (int i = 0; i < 3; ++i) {
                    image.pixel(x, y)[i] = static_cast<std::uint8_t>((cmyk[i] * cmyk[3] + 127) / 255);
                }
            }
        }
    }

    int orientation() const {
        for (const jpeg_marker_struct* marker = decoder_.marker_list; marker != nullptr; marker = marker->next) {
            const std::span<const std::uint8_t> data(marker->data, marker->data_length);
            if (data.size() > 6 && std::memcmp(data.data(), "Exif\0", 5) == 0) return exif_orientation(data);
        }
        return 1;
    }

    const codec::Encoded& encoded_;
    JpegErrors errors_;
    jpeg_decompress_struct decoder_{};
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
