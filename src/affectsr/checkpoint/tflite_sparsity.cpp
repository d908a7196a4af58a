#include "affectsr/checkpoint/tflite_sparsity.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostLevels = 16;
constexpr std::size_t kMostIndices = 1u << 26;

/// One dimension, or a block of one, in the order in which the values are stored.
struct SparseLevel {
    std::size_t size = 1;    ///< places
    std::size_t stride = 1;  ///< elements of the whole tensor from one place to the next
    bool compressed = false;
    std::vector<std::uint32_t> segments,
        indices;  ///< of a compressed one: row r has indices[segments[r] … segments[r+1])
};

/// Puts values where they belong in the whole tensor.
class GapFiller {
 public:
    GapFiller(FlatBuffer& flat, const FlatBuffer::Table& sparsity, std::size_t element_bytes,
              const std::vector<std::int64_t>& shape, std::span<const std::byte> values, const std::string& named)
        : flat_(flat), element_bytes_(element_bytes), values_(values), named_(named) {
        const auto order = flat.numbers<std::int32_t>(sparsity, 0, kMostLevels);
        const auto blocked = flat.numbers<std::int32_t>(sparsity, 1, kMostLevels);
        const FlatBuffer::Vector dimensions = flat.vector(sparsity, 2, 4, kMostLevels);
        expect_permutation(order, shape.size() + blocked.size());
        if (dimensions.count != order.size()) damaged("as many levels as dimensions and blocks");
        for (std::size_t i = 0; i < order.size(); ++i) levels_.push_back(read_level(flat.element(dimensions, i)));
        set_strides(order, blocked, shape);
    }

    void fill(std::byte* whole) { fill_from(0, 0, 0, whole); }

 private:
    [[noreturn]] void damaged(const std::string& wanted) const {
        throw ModelError("model_damaged", named_ + ": is stored with gaps, but without " + wanted);
    }

    void expect_permutation(std::vector<std::int32_t> order, std::size_t count) const {
        std::sort(order.begin(), order.end());
        bool is_one = !order.empty() && order.size() == count;
        for (std::size_t i = 0; i < order.size(); ++i) is_one = is_one && order[i] == static_cast<std::int32_t>(i);
        if (!is_one) damaged("an order of its dimensions and blocks");
    }

    SparseLevel read_level(const FlatBuffer::Table& table) {
        SparseLevel level;
        const auto size = flat_.scalar<std::int32_t>(table, 1);
        level.compressed = flat_.scalar<std::int8_t>(table, 0) != 0;
        if (level.compressed) {
            level.segments = indices(table, 2);
            level.indices = indices(table, 4);
        }
        level.size = static_cast<std::size_t>(std::max(size, 0));
        return level;
    }

    /// A union of vectors of 4-, 2- and 1-byte numbers, its kind in `field`, itself behind it.
    std::vector<std::uint32_t> indices(const FlatBuffer::Table& table, int field) {
        const auto kind = flat_.scalar<std::uint8_t>(table, field);
        const std::optional<FlatBuffer::Table> found = flat_.table(table, field + 1);
        if (!found || kind < 1 || kind > 3) damaged("the indices of a compressed level");
        if (kind == 1) return flat_.numbers<std::uint32_t>(*found, 0, kMostIndices);
        std::vector<std::uint32_t> wide;
        if (kind == 2)
            for (const std::uint16_t index : flat_.numbers<std::uint16_t>(*found, 0, kMostIndices))
                wide.push_back(index);
        else
            for (const std::uint8_t index : flat_.numbers<std::uint8_t>(*found, 0, kMostIndices)) wide.push_back(index);
        return wide;
    }

    void set_strides(const std::vector<std::int32_t>& order, const std::vector<std::int32_t>& blocked,
                     const std::vector<std::int64_t>& shape) {
        std::vector<std::size_t> strides(shape.size(), 1), blocks(shape.size(), 1), level_of(order.size());
        for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(shape[i]);
        for (std::size_t i = 0; i < order.size(); ++i) level_of[static_cast<std::size_t>(order[i])] = i;
        for (std::size_t b = 0; b < blocked.size(); ++b) {
            const auto dimension = static_cast<std::size_t>(blocked[b]);
            if (blocked[b] < 0 || dimension >= shape.size() || blocks[dimension] != 1)
                damaged("a block for a dimension");
            SparseLevel& level = levels_[level_of[shape.size() + b]];
            if (level.compressed || level.size == 0) damaged("dense blocks");
            level.stride = strides[dimension];
            blocks[dimension] = level.size;
        }
        for (std::size_t d = 0; d < shape.size(); ++d) {
            SparseLevel& level = levels_[level_of[d]];
            level.stride = strides[d] * blocks[d];
            // Files tell the size of dense levels only.
            if (level.compressed && level.size == 0) level.size = static_cast<std::size_t>(shape[d]) / blocks[d];
            // So every index below a level's size lies in the tensor.
            if (level.size * blocks[d] != static_cast<std::size_t>(shape[d])) damaged("the sizes of its shape");
        }
    }

    /// `row`: which of the rows of this level; `at`: the element of the whole tensor where it begins. As deep as there
    /// are levels, at most 16.
    void fill_from(std::size_t depth, std::size_t row, std::size_t at, std::byte* whole) const {
        if (depth == levels_.size()) {
            if (row >= values_.size() / element_bytes_) damaged("as many values as it has places for");
            std::memcpy(whole + at * element_bytes_, values_.data() + row * element_bytes_, element_bytes_);
            return;
        }
        const SparseLevel& level = levels_[depth];
        if (!level.compressed) {
            for (std::size_t i = 0; i < level.size; ++i)
                fill_from(depth + 1, row * level.size + i, at + i * level.stride, whole);
            return;
        }
        if (row + 1 >= level.segments.size()) damaged("a segment for every row");
        const std::size_t begin = level.segments[row], end = level.segments[row + 1];
        if (begin > end || end > level.indices.size() || end - begin > level.size)
            damaged("segments within its indices");
        for (std::size_t i = begin; i < end; ++i) {
            if (level.indices[i] >= level.size) damaged("indices within its shape");
            fill_from(depth + 1, i, at + level.indices[i] * level.stride, whole);
        }
    }

    FlatBuffer& flat_;
    std::size_t element_bytes_;
    std::span<const std::byte> values_;
    const std::string& named_;
    std::vector<SparseLevel> levels_;
};

}  // namespace

HostTensor without_gaps(FlatBuffer& flat, const FlatBuffer::Table& sparsity, DType type,
                        const std::vector<std::int64_t>& shape, std::span<const std::byte> values,
                        const std::string& named) {
    GapFiller filler(flat, sparsity, bytes_of(type), shape, values, named);
    std::size_t bytes = bytes_of(type);
    for (const std::int64_t side : shape) bytes *= static_cast<std::size_t>(side);
    // new[] rather than make_shared: only its result is sure to be aligned for every element type.
    const std::shared_ptr<std::byte[]> whole(new std::byte[std::max<std::size_t>(bytes, 1)]());
    filler.fill(whole.get());
    return {type, shape, std::shared_ptr<const std::byte>(whole, whole.get()), bytes};
}

}  // namespace affectsr
