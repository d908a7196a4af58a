// Makes sure that descriptors 0 to 2 are stdin, stdout and stderr before anything else can take their numbers.
#pragma once

namespace affectsr::cli {

/// Opens /dev/null on every standard stream that the caller closed (`<&-`, `>&-`, `2>&-`), the wrong way round: a read
/// of stdin and a write to stdout then fail and are told, instead of meeting the file that happened to get the number.
/// What goes to stderr is lost, as was asked. To be called before any file is opened; not thread-safe.
void open_closed_streams();

}  // namespace affectsr::cli
