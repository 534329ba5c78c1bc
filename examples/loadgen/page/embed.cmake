# Run at build time: puts STYLE, SCRIPTS and LIBRARY into PAGE, and writes OUTPUT, a C++ source
# that holds the result.
cmake_minimum_required(VERSION 3.25)

file(READ "${STYLE}" style)
file(READ "${LIBRARY}" library)
set(script "")
foreach(file IN LISTS SCRIPTS)
  file(READ "${file}" text)
  string(APPEND script "${text}")
endforeach()

# Inside <script>, these would end it or hide its end.
foreach(text IN ITEMS "${script}" "${library}")
  string(TOLOWER "${text}" lower)
  if(lower MATCHES "</script|<!--")
    message(FATAL_ERROR "a script of the page contains '${CMAKE_MATCH_0}': it cannot be embedded")
  endif()
endforeach()

file(READ "${PAGE}" page)
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
string(REPLACE "@LIBRARY@" "${library}" page "${page}")

# A piece may end anywhere, also within what would be a character of two bytes.
if(page MATCHES "[^\t\n -~]")
  message(FATAL_ERROR "the page must be ASCII: write other characters as escapes")
endif()
if(page MATCHES "\\)~page~\"")
  message(FATAL_ERROR "the page contains what ends a piece of it in the C++ source")
endif()

string(FIND "${page}" "@DOCUMENT@" first)
string(FIND "${page}" "@DOCUMENT@" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "the page must have one place for the document")
endif()
string(LENGTH "@DOCUMENT@" mark_length)
math(EXPR after "${first} + ${mark_length}")
string(SUBSTRING "${page}" 0 ${first} before_document)
string(SUBSTRING "${page}" ${after} -1 after_document)

# Compilers need not take literals of more than 65,536 characters, and clang warns of them.
set(piece_length 32000)

function(append_pieces name text)
  string(LENGTH "${text}" length)
  math(EXPR count "(${length} + ${piece_length} - 1) / ${piece_length}")
  set(pieces "")
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${text}" ${from} ${piece_length} piece)
    string(APPEND pieces "    R\"~page~(${piece})~page~\"sv,\n")
    math(EXPR from "${from} + ${piece_length}")
  endwhile()
  set(source "${source}
std::span<const std::string_view> ${name}() noexcept {
    static constexpr std::array<std::string_view, ${count}> pieces{
${pieces}    };
    return pieces;
}
" PARENT_SCOPE)
endfunction()

set(source "// Made by embed.cmake from the files of examples/loadgen/page.
#include \"page_template.h\"

#include <array>

namespace wsecho::loadgen {

using namespace std::string_view_literals;
")
append_pieces(page_before_document "${before_document}")
append_pieces(page_after_document "${after_document}")
string(APPEND source "\n}  // namespace wsecho::loadgen\n")
file(WRITE "${OUTPUT}" "${source}")
