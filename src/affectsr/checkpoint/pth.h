// Reads published PyTorch checkpoints (.pth, .pt) without PyTorch, and runs nothing of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// The weights in a published checkpoint, and what else it says.
struct PublishedCheckpoint {
    TensorMap tensors;                ///< by their published names, see drop_wrapping_names
    std::string format;               ///< "zip" (PyTorch 1.6 and later) or "legacy"
    std::vector<std::string> within;  ///< the keys that lead to the weights, outermost first: {"params_ema"}
    std::vector<std::string> beside;  ///< keys next to the weights that were left aside: "epoch", "optimizer", …
};

/// Reads a file that torch.save wrote: a dict of tensors, or dicts around it under one of the keys `params_ema`,
/// `params`, `state_dict`, `net_state_dict`, `model`, `model_state_dict` (in this order, at most two within each
/// other). Tensors and parameters of every type but complex and quantised ones, also strided and shared; other values
/// beside them are left aside. Tensors share the mapped file where its type and alignment allow.
///
/// The pickle inside is never run: it is read by an allow-list of operations and names (Pickle). Throws ModelError with
/// bounded work (PickleRules) and 32 MiB, whatever the file claims: `no_such_model`, `model_not_readable`;
/// `forbidden_pickle` for whatever could run code, refer elsewhere or grow without end; `unknown_checkpoint` for a
/// format that is not read (tar, TorchScript, compressed, big-endian legacy, no checkpoint at all); `no_weights` if
/// there are no tensors where they are looked for; `model_damaged` for everything that contradicts itself or is cut
/// off. docs/model_file.md has the whole list.
PublishedCheckpoint read_pth(const std::filesystem::path& path);

/// Takes away what wrappers of a network add to its names: a part "_orig_mod" anywhere (torch.compile), every "module."
/// before all names (DataParallel and its kin), the counter `n_averaged` beside it (AveragedModel; it is named in
/// `beside` then). Throws ModelError (`model_damaged`) if two tensors would get one name; `where` begins the message.
void drop_wrapping_names(PublishedCheckpoint& checkpoint, const std::string& where);

}  // namespace affectsr
