#include "affectsr/learn/tensor.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

void write_planes(const Image& picture, int channels, float* to) {
    const std::size_t area = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    if (channels == 1) {
        const std::vector<float> values = luma(picture);
        for (std::size_t i = 0; i < area; ++i) to[i] = values[i] / 255.0f;
        return;
    }
    for (std::size_t i = 0; i < area; ++i)
        for (std::size_t c = 0; c < 3; ++c) to[c * area + i] = static_cast<float>(picture.rgb[i * 3 + c]) / 255.0f;
}

at::ScalarType scalar_type(DType type) {
    switch (type) {
        case DType::f32:
            return at::kFloat;
        case DType::f16:
            return at::kHalf;
        case DType::bf16:
            return at::kBFloat16;
        case DType::f64:
            return at::kDouble;
        case DType::i64:
            return at::kLong;
        case DType::i32:
            return at::kInt;
        case DType::u8:
            return at::kByte;
    }
    return at::kFloat;
}

DType dtype_of(at::ScalarType type) {
    switch (type) {
        case at::kFloat:
            return DType::f32;
        case at::kHalf:
            return DType::f16;
        case at::kBFloat16:
            return DType::bf16;
        case at::kDouble:
            return DType::f64;
        case at::kLong:
            return DType::i64;
        case at::kInt:
            return DType::i32;
        case at::kByte:
            return DType::u8;
        default:
            throw Bug(std::string("no file type for tensors of ") + at::toString(type));
    }
}

}  // namespace

Tensor to_tensor(std::span<const Image> pictures, int channels) {
    AFFECTSR_EXPECT(!pictures.empty(), "a batch needs a picture");
    AFFECTSR_EXPECT(channels == 1 || channels == 3, "pictures have 1 or 3 channels");
    const ImageSize size = pictures[0].size();
    AFFECTSR_EXPECT(size.width > 0 && size.height > 0, "an empty picture");
    Tensor batch =
        at::empty({static_cast<std::int64_t>(pictures.size()), channels, size.height, size.width}, at::kFloat);
    float* to = batch.data_ptr<float>();
    for (const Image& picture : pictures) {
        AFFECTSR_EXPECT(picture.size() == size, "the pictures of a batch have one size");
        write_planes(picture, channels, to);
        to += static_cast<std::ptrdiff_t>(channels) * size.width * size.height;
    }
    return batch;
}

Tensor to_tensor(const Image& picture, int channels) {
    return to_tensor(std::span(&picture, 1), channels);
}

Image to_image(const Tensor& chw) {
    AFFECTSR_EXPECT(chw.dim() == 3 && (chw.size(0) == 3 || chw.size(0) == 1), "a picture is [3, h, w] or [1, h, w]");
    const Tensor values = chw.detach().to(at::kCPU, at::kFloat).contiguous();
    const std::int64_t channels = values.size(0), area = values.size(1) * values.size(2);
    Image picture(static_cast<int>(values.size(2)), static_cast<int>(values.size(1)));
    const float* from = values.data_ptr<float>();
    for (std::int64_t i = 0; i < area; ++i)
        for (std::int64_t c = 0; c < 3; ++c) {
            const float v = from[(channels == 3 ? c : 0) * area + i] * 255.0f + 0.5f;
            // Written so that NaN takes the first branch.
            picture.rgb[static_cast<std::size_t>(i * 3 + c)] = !(v > 0)   ? std::uint8_t{0}
                                                               : v >= 255 ? std::uint8_t{255}
                                                                          : static_cast<std::uint8_t>(v);
        }
    return picture;
}

Tensor to_tensor(const HostTensor& tensor) {
    Tensor copy = at::empty(tensor.shape(), scalar_type(tensor.type()));
    if (!tensor.bytes().empty()) std::memcpy(copy.data_ptr(), tensor.bytes().data(), tensor.bytes().size());
    return copy;
}

HostTensor to_host(const Tensor& tensor) {
    const Tensor dense = tensor.detach().cpu().contiguous();
    const std::size_t bytes = static_cast<std::size_t>(dense.numel()) * dense.element_size();
    std::shared_ptr<std::byte> memory(new std::byte[bytes], std::default_delete<std::byte[]>());
    if (bytes > 0) std::memcpy(memory.get(), dense.data_ptr(), bytes);
    return HostTensor(dtype_of(dense.scalar_type()), dense.sizes().vec(), memory, bytes);
}

HostTensor host_view(const Tensor& tensor) {
    const Tensor dense = tensor.detach().to(at::kCPU).contiguous();
    const auto bytes = static_cast<std::size_t>(dense.numel()) * dense.element_size();
    // The pointer shares ownership of the tensor, not of a copy of its memory.
    const auto keeper = std::make_shared<const Tensor>(dense);
    const std::shared_ptr<const std::byte> memory(keeper, static_cast<const std::byte*>(dense.data_ptr()));
    return {dtype_of(dense.scalar_type()), dense.sizes().vec(), memory, bytes};
}

}  // namespace affectsr
