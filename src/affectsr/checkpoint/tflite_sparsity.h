// Weights of a TFLite file that are stored with gaps where they are zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/checkpoint/flat_buffer.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// The whole tensor of `shape`, zeros included, of the `values` that a SparsityParameters table describes: its
/// dimensions, or blocks of them, one within the other, each dense or compressed as sparse rows (CSR). The work is at
/// most that of the whole tensor, whose size the caller bounds; the nesting is at most twice its dimensions. Throws
/// ModelError (`model_damaged`), beginning with `named`, if the description contradicts the shape, itself or the
/// values. Source: schema.fbs, SparsityParameters.
HostTensor without_gaps(FlatBuffer& flat, const FlatBuffer::Table& sparsity, DType type,
                        const std::vector<std::int64_t>& shape, std::span<const std::byte> values,
                        const std::string& named);

}  // namespace affectsr
