#include "affectsr/learn/tensor.h"

#include <ATen/ATen.h>

#include <cstring>

#include "affectsr/base/error.h"
#include "affectsr/image/float_planes.h"

namespace affectsr {

namespace {

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
    const ImageSize size = pictures[0].size();
    AFFECTSR_EXPECT(size.width > 0 && size.height > 0, "an empty picture");
    Tensor batch =
        at::empty({static_cast<std::int64_t>(pictures.size()), channels, size.height, size.width}, at::kFloat);
    const std::span values(batch.data_ptr<float>(), static_cast<std::size_t>(batch.numel()));
    const std::size_t one = values.size() / pictures.size();
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        AFFECTSR_EXPECT(pictures[i].size() == size, "the pictures of a batch have one size");
        write_planes(pictures[i], channels, values.subspan(i * one, one));
    }
    return batch;
}

Tensor to_tensor(const Image& picture, int channels) {
    return to_tensor(std::span(&picture, 1), channels);
}

Image to_image(const Tensor& chw) {
    AFFECTSR_EXPECT(chw.dim() == 3 && (chw.size(0) == 3 || chw.size(0) == 1), "a picture is [3, h, w] or [1, h, w]");
    const Tensor values = chw.detach().to(at::kCPU, at::kFloat).contiguous();
    return picture_of({values.data_ptr<float>(), static_cast<std::size_t>(values.numel())},
                      static_cast<int>(values.size(0)),
                      {static_cast<int>(values.size(2)), static_cast<int>(values.size(1))});
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

}  // namespace affectsr
