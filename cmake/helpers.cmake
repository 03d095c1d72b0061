# Compile settings that every target of ours gets.
add_library(attnscope_build_settings INTERFACE)
target_compile_features(attnscope_build_settings INTERFACE cxx_std_20)
target_compile_options(attnscope_build_settings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${ATTNSCOPE_WERROR}>:-Werror>)
if(ATTNSCOPE_SANITIZE)
  target_compile_options(attnscope_build_settings INTERFACE
    -fsanitize=${ATTNSCOPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(attnscope_build_settings INTERFACE -fsanitize=${ATTNSCOPE_SANITIZE})
endif()

# One folder of src/: an object library attnscope_NAME.
#   attnscope_folder(core SOURCES tensor.cpp ... LIBRARIES fmt::fmt)
function(attnscope_folder name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(attnscope_${name} OBJECT ${arg_SOURCES})
  target_include_directories(attnscope_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(attnscope_${name} PUBLIC ${arg_LIBRARIES} PRIVATE attnscope_build_settings)
  set_target_properties(attnscope_${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# Files of a directory that become part of a folder of src/, as attnscope_embedded_NAME to
# attnscope_embedded_NAME_end: the assembler includes them.
#   attnscope_embed(viewer ${PROJECT_SOURCE_DIR}/web/dist viewer.js)
function(attnscope_embed name directory)
  set(embedded_files "")
  set(paths "")
  foreach(file ${ARGN})
    if(NOT EXISTS ${directory}/${file})
      message(FATAL_ERROR "${directory}/${file} is absent: fetch the whole source tree")
    endif()
    string(MAKE_C_IDENTIFIER ${file} symbol)
    string(APPEND embedded_files
      "        embed ${symbol}\n        .incbin \"${directory}/${file}\"\n        embedded ${symbol}\n")
    list(APPEND paths ${directory}/${file})
  endforeach()
  set(assembler ${CMAKE_CURRENT_BINARY_DIR}/embedded_files.S)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.S.in ${assembler} @ONLY)
  set_source_files_properties(${assembler} PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(attnscope_${name} PRIVATE ${assembler})
endfunction()

# A GoogleTest program made of the named folders of src/ only.
#   attnscope_test(core_test FOLDERS core SOURCES core/tensor_test.cpp)
function(attnscope_test name)
  cmake_parse_arguments(arg "" "" "FOLDERS;SOURCES;LIBRARIES" ${ARGN})
  list(TRANSFORM arg_FOLDERS PREPEND attnscope_)
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE
    ${arg_FOLDERS} ${arg_LIBRARIES} attnscope_build_settings GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60)
endfunction()
