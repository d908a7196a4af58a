// An open file of the operating system that is closed when its holder goes.
#pragma once

#include <unistd.h>

namespace affectsr {

/// Owns what ::open() gave; below 0: nothing. Not copied, not moved; thread-safe as the descriptor is.
class FileDescriptor {
 public:
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor() {
        if (number_ >= 0) ::close(number_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int number() const { return number_; }

 private:
    int number_;
};

}  // namespace affectsr
