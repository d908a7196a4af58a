#include "affectsr/engine/winograd.h"

#include <algorithm>
#include <vector>

#include "affectsr/engine/cores.h"
#include "affectsr/engine/winograd_kernels.h"

namespace affectsr::engine {

using dnnl::memory;

namespace {

constexpr std::size_t kBlock = 16;  // tiles

std::size_t size_of(int number) {
    return static_cast<std::size_t>(number);
}

std::size_t rounded_up(std::size_t number, std::size_t to) {
    return (number + to - 1) / to * to;
}

std::size_t tiles_along(std::size_t pixels) {
    return (pixels + kWinogradTile - 1) / kWinogradTile;
}

memory::dim dim(std::size_t size) {
    return static_cast<memory::dim>(size);
}

/// Left matrices or results of all products, [rows, 36, columns] in memory: what a tile has of them lies together.
memory::desc by_tile(std::size_t rows, std::size_t columns) {
    return {{1, dim(kWinogradProducts), dim(rows), dim(columns)}, memory::data_type::f32, memory::format_tag::acbd};
}

/// The weights, [36, in, out] in memory.
memory::desc by_product(std::size_t in, std::size_t out) {
    return {{1, dim(kWinogradProducts), dim(in), dim(out)}, memory::data_type::f32, memory::format_tag::abcd};
}

dnnl::matmul::primitive_desc description_of(std::size_t rows, std::size_t in, std::size_t out) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const ThreadCount alone(1);
    return {{by_tile(rows, in), by_product(in, out), by_tile(rows, out)}, attributes, processor()};
}

/// From AVX-512 on oneDNN multiplies small matrices as they are; below, it packs both sides first.
bool multiplies_unpacked() {
    static const bool unpacked = std::string(description_of(kBlock, 64, 64).impl_info_str()).starts_with("brg");
    return unpacked;
}

/// What the rows of a product are a multiple of. Fewer than four cost as much as four; and where both sides are packed,
/// a row's result would depend on how many there are.
std::size_t least_rows() {
    return multiplies_unpacked() ? 4 : kBlock;
}

// The rule's numbers, by winograd_bench. Work is counted in multiply-adds of the direct way.
constexpr double kInputWork = 480;     // of transforming one channel of a tile
constexpr double kOutputWork = 290;    // and back
constexpr std::size_t kLeastRows = 8;  // of a product that costs no more than reading its weights
constexpr double kGain = 0.8;          // of the direct work at most
// Channels that fill a product: those coming in, also where both sides are packed, and in · out.
constexpr int kLeastChannels = 16, kLeastPacked = 32, kLeastWeights = 512;
constexpr int kMostWeights = 1 << 16;  // in · out: 9.4 MB, which last-level caches hold from block to block

}  // namespace

bool winograd_can(const Step& s, const Surroundings& around) {
    const auto* c = s.as<step::Conv>();
    if (c == nullptr || c->kernel != 3 || c->stride != 1 || c->padding != 1 || c->groups != 1) return false;
    // A tile's row of the left matrices is also where results beyond the picture go.
    if (size_of(s.out_channels) > kWinogradProducts * size_of(s.in_channels)) return false;
    return around.source_type == memory::data_type::f32 && around.result_type == memory::data_type::f32;
}

namespace {

bool pays(int in, int out, std::size_t height, std::size_t width, bool enlarged) {
    if (in < (multiplies_unpacked() ? kLeastChannels : kLeastPacked)) return false;
    const int vector_out = std::max(out, 16);  // which the direct way fills as well
    if (in * vector_out < kLeastWeights || in * vector_out > kMostWeights) return false;
    const std::size_t tiles = tiles_along(height) * tiles_along(width);
    const std::size_t products = kWinogradProducts * std::max(rounded_up(tiles, least_rows()), kLeastRows);
    const double transforms = static_cast<double>(tiles) * (kInputWork / vector_out + kOutputWork / in);
    // An enlarged picture's direct way is four convolutions of 2×2.
    const std::size_t direct = (enlarged ? 4 : 9) * height * width;
    return static_cast<double>(products) + transforms <= kGain * static_cast<double>(direct);
}

}  // namespace

bool winograd_pays(const Step& s, const Operation& o, const Surroundings& around) {
    return pays(s.in_channels, s.out_channels, size_of(around.result.height), size_of(around.result.width),
                o.enlarged > 1);
}

bool winograd_pays(int in, int out, int height, int width) {
    return pays(in, out, size_of(height), size_of(width), false);
}

WinogradConv::Product WinogradConv::product_of(std::size_t rows, std::size_t in, std::size_t out) {
    if (rows == 0) return {};
    Product made{rows, description_of(rows, in, out), {}};
    made.primitive = dnnl::matmul(made.description);
    return made;
}

WinogradConv::WinogradConv(const Operation& o, Weights& weights, const std::shared_ptr<LargePages>& pages,
                           const Surroundings& around, int threads)
    : count_(size_of(around.count)),
      height_(size_of(around.result.height)),
      width_(size_of(around.result.width)),
      in_(size_of(around.source.channels)),
      out_(size_of(around.result.channels)),
      enlarged_(size_of(o.enlarged)),
      threads_(size_of(threads)),
      epilogue_(o.epilogue),
      weights_(weights.winograd(o, pages)),
      kept_bias_(weights.bias(o)),
      weight_data_(static_cast<const float*>(weights_->memory.get_data_handle())),
      bias_data_(static_cast<const float*>(kept_bias_.get_data_handle())),
      tiles_(count_ * tiles_along(height_) * tiles_along(width_)),
      whole_(tiles_ / kBlock / threads_) {
    make_products();
}

WinogradConv::WinogradConv(const Surroundings& around, Epilogue epilogue, const float* weights, const float* bias,
                           int threads)
    : count_(size_of(around.count)),
      height_(size_of(around.result.height)),
      width_(size_of(around.result.width)),
      in_(size_of(around.source.channels)),
      out_(size_of(around.result.channels)),
      enlarged_(1),
      threads_(size_of(threads)),
      epilogue_(epilogue),
      weight_data_(weights),
      bias_data_(bias),
      tiles_(count_ * tiles_along(height_) * tiles_along(width_)),
      whole_(tiles_ / kBlock / threads_) {
    make_products();
}

void WinogradConv::make_products() {
    const std::size_t left = tiles_ - whole_ * threads_ * kBlock;
    if (whole_ > 0) block_ = product_of(kBlock, in_, out_);
    rest_ = product_of(rounded_up((left + threads_ - 1) / threads_, least_rows()), in_, out_);
    const std::size_t rows = std::max(block_.rows, rest_.rows);
    slot_floats_ = rounded_up(rows * kWinogradProducts * in_, 16) + rounded_up(rows * kWinogradProducts * out_, 16);
    std::size_t scratchpad = 0;
    for (const Product* product : {&block_, &rest_})
        if (product->rows > 0) {
            scratchpad = std::max(scratchpad, product->description.scratchpad_desc().get_size());
            implementation_ = std::string("winograd:") + product->description.impl_info_str();
        }
    slot_floats_ += rounded_up(scratchpad, 64) / sizeof(float);
}

/// A convolution with its values and scratch.
class WinogradConv::Bound {
 public:
    Bound(const WinogradConv& conv, const WinogradValues& values, std::byte* scratch)
        : c_(conv),
          v_(values),
          scratch_(reinterpret_cast<float*>(scratch)),
          columns_(tiles_along(c_.width_)),
          per_picture_(columns_ * tiles_along(c_.height_)),
          zeros_(c_.in_, 0.0f) {
        for (std::size_t slot = 0; slot < c_.threads_; ++slot) {
            if (c_.block_.rows > 0) blocks_.push_back(call(c_.block_, slot));
            if (c_.rest_.rows > 0) rests_.push_back(call(c_.rest_, slot));
        }
    }

    void play() const {
        spread(static_cast<int>(c_.threads_), c_.threads_, [&](std::size_t begin, std::size_t end) {
            const ThreadCount alone(1);
            for (std::size_t slot = begin; slot < end; ++slot) {
                for (std::size_t block = slot * c_.whole_; block < (slot + 1) * c_.whole_; ++block)
                    play(block * kBlock, (block + 1) * kBlock, slot, blocks_[slot]);
                const std::size_t first = c_.whole_ * c_.threads_ * kBlock + slot * c_.rest_.rows;
                if (first < c_.tiles_) play(first, std::min(first + c_.rest_.rows, c_.tiles_), slot, rests_[slot]);
            }
        });
    }

 private:
    /// Rows of the product that are no tile's are whatever lies there, and nobody looks at what becomes of them.
    void play(std::size_t first, std::size_t last, std::size_t slot, const PrimitiveCall& multiply) const {
        for (std::size_t tile = first; tile < last; ++tile) transform(tile, source_row(slot, tile - first));
        multiply();
        for (std::size_t tile = first; tile < last; ++tile)
            finish(tile, product_row(slot, tile - first), source_row(slot, tile - first));
    }

    float* source_row(std::size_t slot, std::size_t row) const {
        return scratch_ + slot * c_.slot_floats_ + row * kWinogradProducts * c_.in_;
    }
    float* product_row(std::size_t slot, std::size_t row) const {
        const std::size_t rows = std::max(c_.block_.rows, c_.rest_.rows);
        return scratch_ + slot * c_.slot_floats_ + rounded_up(rows * kWinogradProducts * c_.in_, 16) +
               row * kWinogradProducts * c_.out_;
    }

    PrimitiveCall call(const Product& product, std::size_t slot) const {
        const std::size_t rows = std::max(c_.block_.rows, c_.rest_.rows);
        const auto at = [](const memory::desc& desc, void* where) { return memory(desc, processor(), where); };
        float* const scratchpad = product_row(slot, 0) + rounded_up(rows * kWinogradProducts * c_.out_, 16);
        return {product.primitive,
                dnnl::stream(processor()),
                {{DNNL_ARG_SRC, at(by_tile(product.rows, c_.in_), source_row(slot, 0))},
                 {DNNL_ARG_WEIGHTS, at(by_product(c_.in_, c_.out_), const_cast<float*>(c_.weight_data_))},
                 {DNNL_ARG_DST, at(by_tile(product.rows, c_.out_), product_row(slot, 0))},
                 {DNNL_ARG_SCRATCHPAD, at(product.description.scratchpad_desc(), scratchpad)}}};
    }

    struct Corner {
        std::size_t picture, row, column;
    };
    /// A tile's first pixel.
    Corner corner_of(std::size_t tile) const {
        const std::size_t within = tile % per_picture_;
        return {tile / per_picture_, within / columns_ * kWinogradTile, within % columns_ * kWinogradTile};
    }

    /// What a tile sees of the source → its row of every left matrix.
    void transform(std::size_t tile, float* row) const {
        const Corner corner = corner_of(tile);
        const std::size_t width = c_.width_ / c_.enlarged_;
        const float* const picture = v_.source + corner.picture * (c_.height_ / c_.enlarged_) * width * c_.in_;
        const float* pixels[kWinogradProducts];
        for (std::size_t i = 0; i < kWinogradProducts; ++i) {
            // One pixel before the tile on; what would be −1 is the largest number.
            const std::size_t y = corner.row + i / kWinogradPatch - 1, x = corner.column + i % kWinogradPatch - 1;
            const bool inside = y < c_.height_ && x < c_.width_;
            pixels[i] = inside ? picture + (y / c_.enlarged_ * width + x / c_.enlarged_) * c_.in_ : zeros_.data();
        }
        winograd_input(row, c_.in_, pixels, c_.in_);
    }

    /// A tile's row of every product → its results. What lies beyond the picture goes to `beyond`: 36 · in floats that
    /// nobody reads again.
    void finish(std::size_t tile, const float* row, float* beyond) const {
        const Corner corner = corner_of(tile);
        const std::size_t picture = corner.picture * c_.height_ * c_.width_;
        float* results[kWinogradTile * kWinogradTile];
        const float* sums[kWinogradTile * kWinogradTile];
        for (std::size_t i = 0; i < kWinogradTile * kWinogradTile; ++i) {
            const std::size_t y = corner.row + i / kWinogradTile, x = corner.column + i % kWinogradTile;
            const bool inside = y < c_.height_ && x < c_.width_;
            const std::size_t at = (picture + y * c_.width_ + x) * c_.out_;
            results[i] = inside ? v_.result + at : beyond;
            sums[i] = inside && v_.sum != nullptr ? v_.sum + at : beyond;
        }
        winograd_output(results, v_.sum != nullptr ? sums : nullptr, row, c_.out_, c_.bias_data_, c_.out_,
                        c_.epilogue_);
    }

    const WinogradConv c_;  ///< a copy, whoever made this may go
    WinogradValues v_;
    float* scratch_;
    std::size_t columns_, per_picture_;          ///< tiles
    std::vector<float> zeros_;                   ///< a pixel beyond the picture
    std::vector<PrimitiveCall> blocks_, rests_;  ///< by slot
};

std::function<void()> WinogradConv::bind(const WinogradValues& values, std::byte* scratch) const {
    return [bound = std::make_shared<const Bound>(*this, values, scratch)] { bound->play(); };
}

}  // namespace affectsr::engine
