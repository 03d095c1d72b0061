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
