#include "affectsr/weights/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/base/file_descriptor.h"

namespace affectsr {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, int reason) {
    const std::string what = path.string() + ": the model file cannot be read: " + std::strerror(reason);
    if (reason == ENOENT || reason == ENOTDIR) throw ModelError("no_such_model", what);
    if (reason == EMFILE || reason == ENFILE) throw ResourceError("out_of_descriptors", what);
    if (reason == ENOMEM) throw ResourceError("out_of_memory", what);
    throw ModelError("model_not_readable", what);
}

}  // namespace

MappedFile MappedFile::open(const std::filesystem::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.number() < 0) refuse(path, errno);
    struct stat about = {};
    if (::fstat(file.number(), &about) != 0) refuse(path, errno);
    if (!S_ISREG(about.st_mode)) {
        throw ModelError("model_not_readable",
                         path.string() + ": this is not a regular file; name a .safetensors file");
    }
    MappedFile mapped;
    mapped.size_ = static_cast<std::size_t>(about.st_size);
    if (mapped.size_ == 0) return mapped;  // mmap refuses nothing
    void* memory = ::mmap(nullptr, mapped.size_, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (memory == MAP_FAILED) refuse(path, errno);
    mapped.memory_ =
        std::shared_ptr<const std::byte>(static_cast<const std::byte*>(memory),
                                         [memory, size = mapped.size_](const std::byte*) { ::munmap(memory, size); });
    return mapped;
}

}  // namespace affectsr
