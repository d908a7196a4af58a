# Holds every name with external linkage to one meaning:  cmake [-D SOURCE_DIR=…] -P cmake/check_names.cmake
# Two types of one name in one namespace are undefined behaviour that no linker reports: it keeps one destructor for both.
#   1. A type outside classes and unnamed namespaces has a name that no other file gives to another one, in whatever
#      namespace: a reader looks for it by that name. Tests' helpers too.
#   2. What a .cpp file defines and no header declares lies in an unnamed namespace.
#   3. An inline function or variable of a header is defined in one header.
#   4. A header has no unnamed namespace: every file would get types of its own under one name.
# Formatted sources are read line by line: what stands at namespace scope begins in the first column.
# Prints one line per breach (file, name, cure) and exits non-zero if there are any.
cmake_minimum_required(VERSION 3.22)
if(NOT DEFINED SOURCE_DIR)
  get_filename_component(SOURCE_DIR ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
endif()
file(GLOB_RECURSE files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/src/*.h ${SOURCE_DIR}/src/*.cpp ${SOURCE_DIR}/golden/*.h
  ${SOURCE_DIR}/golden/*.cpp)
list(SORT files)  # by path, so that x.h comes after x.cpp; the order of a pair does not matter

set(breaches "")

# All headers as one text, in which the declarations of what .cpp files define are looked for.
set(declared "")
foreach(file IN LISTS files)
  if(file MATCHES "\\.h$")
    file(READ ${SOURCE_DIR}/${file} text)
    string(APPEND declared "${text}")
  endif()
endforeach()

# Remembers that `name` is defined in `file`; a breach if another file had it.
function(define kind name file)
  string(SHA1 key "${kind} ${name}")
  get_property(before GLOBAL PROPERTY defined_${key})
  if("${before}" STREQUAL "")
    set_property(GLOBAL PROPERTY defined_${key} ${file})
  elseif(NOT "${before}" STREQUAL "${file}")
    set(breaches ${breaches} "${file}: ${name} is defined in ${before} too: give one of them another name, or share it"
      PARENT_SCOPE)
  endif()
endfunction()

set(type "^(struct|class|union|enum class|enum struct|enum) ([A-Za-z_][A-Za-z_0-9]*)( final)?( *$| :[^:]| *{)")
set(function "^[A-Za-z_][^=(]*[ *&]([A-Za-z_][A-Za-z_0-9]*)\\(")
foreach(file IN LISTS files)
  # Brackets would hold a list's elements together, semicolons would part them.
  file(STRINGS ${SOURCE_DIR}/${file} lines REGEX "^[A-Za-z_}]")
  string(REPLACE "[" "(" lines "${lines}")
  string(REPLACE "]" ")" lines "${lines}")
  string(REPLACE "\\;" "@" lines "${lines}")
  set(scopes "")
  set(unnamed 0)
  foreach(line IN LISTS lines)
    if(line MATCHES "^namespace ([A-Za-z_:0-9]*) ?{$")
      set(scope "${CMAKE_MATCH_1}")
      if(scope STREQUAL "")
        set(scope "-")
        if(file MATCHES "\\.h$")
          list(APPEND breaches "${file}: a header has no unnamed namespace: name it, or move what is in it to a .cpp file")
        endif()
      endif()
      list(APPEND scopes "${scope}")
    elseif(line MATCHES "^}  // namespace")
      list(POP_BACK scopes)
    elseif("-" IN_LIST scopes OR line MATCHES "^(static|using|typedef|extern|friend|TEST|#)")
      # Internal, or no definition.
    elseif(line MATCHES "${type}")
      set(name "${CMAKE_MATCH_2}")
      list(JOIN scopes "::" scope)
      define(type "${name}" ${file})
      if(file MATCHES "\\.cpp$" AND NOT declared MATCHES "(struct|class|enum|enum class|union) ${name}[ ;:]")
        list(APPEND breaches "${file}: ${scope}::${name} is declared in no header: put it into an unnamed namespace")
      endif()
    elseif(NOT line MATCHES "@$" AND line MATCHES "${function}")
      set(name "${CMAKE_MATCH_1}")
      list(JOIN scopes "::" scope)
      if(file MATCHES "\\.h$")
        define("function" "${scope}: ${line}" ${file})
      elseif(NOT name STREQUAL "main" AND NOT line MATCHES "operator")
        string(FIND "${declared}" " ${name}(" after_space)
        string(FIND "${declared}" "&${name}(" after_reference)
        string(FIND "${declared}" "*${name}(" after_pointer)
        if(after_space EQUAL -1 AND after_reference EQUAL -1 AND after_pointer EQUAL -1)
          list(APPEND breaches "${file}: ${scope}::${name}() is declared in no header: put it into an unnamed namespace")
        endif()
      endif()
    elseif(file MATCHES "\\.h$" AND line MATCHES "^inline .*[ *&]([A-Za-z_][A-Za-z_0-9]*)( =|{)")
      list(JOIN scopes "::" scope)
      define("variable" "${scope}::${CMAKE_MATCH_1}" ${file})
    endif()
  endforeach()
endforeach()

list(LENGTH files file_count)
list(LENGTH breaches breach_count)
foreach(breach IN LISTS breaches)
  message("${breach}")
endforeach()
if(breach_count)
  message(FATAL_ERROR "${breach_count} names with two meanings, or open to it, in ${file_count} files")
endif()
message("Every name means one thing: ${file_count} files")
