#include "affectsr/checkpoint/published.h"

#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/plan/fit.h"
#include "affectsr/weights/finite.h"
#include "affectsr/weights/mapped_file.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

namespace {

bool is_safetensors(const std::filesystem::path& path) {
    const MappedFile file = MappedFile::open(path);
    return file.bytes().size() > 8 && file.bytes()[8] == std::byte{'{'};  // neither checkpoint format has a '{' there
}

}  // namespace

PublishedCheckpoint read_published(const std::filesystem::path& path) {
    if (!is_safetensors(path)) return read_pth(path);
    Safetensors content = read_safetensors(path);
    if (content.metadata.contains("affectsr.card"))
        throw ModelError("already_imported",
                         path.string() + ": this is a model file of affectsr already; use it as it is");
    PublishedCheckpoint checkpoint{std::move(content.tensors), "safetensors", {}, {}};
    drop_wrapping_names(checkpoint, path.string());
    return checkpoint;
}

TensorMap adopt(const Plan& plan, const TensorMap& published, const std::string& where) {
    expect_fit(plan, published, where);
    expect_finite(published, where);
    TensorMap adopted;
    for (const Parameter& parameter : plan.parameters()) {
        const auto found = published.find(parameter.name);
        if (found == published.end()) continue;
        const DType type = found->second.type();
        const bool as_it_is = type == DType::f32 || type == DType::f16 || type == DType::bf16 ||
                              parameter.role == Parameter::Role::counter;
        adopted[parameter.name] =
            as_it_is ? found->second : HostTensor::from_floats(found->second.floats(), found->second.shape());
    }
    return adopted;
}

}  // namespace affectsr
