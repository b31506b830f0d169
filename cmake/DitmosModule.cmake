# Language, warnings, sanitizers, and two functions: ditmos_module() for a folder of src/,
# ditmos_test() for a folder of tests/.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# -O2: the inner loops are written with SIMD by hand; -O3 only makes everything else slower to build.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# core/source_dir.hpp: where the sources are. A header and no compiler flag, so that the compiler cache serves
# every checkout.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/core/source_dir.hpp CONTENT
  "#pragma once\n#define DITMOS_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\"\n")

set(DITMOS_SANITIZE "" CACHE STRING "Sanitizers for every target, as -fsanitize= takes them")
option(DITMOS_FUZZ "Build the fuzz targets (clang)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(matio REQUIRED IMPORTED_TARGET matio)
pkg_check_modules(sndfile REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
find_package(Protobuf REQUIRED)

# Debian's libonnx names its generated header after the namespace it was built with.
add_library(ditmos_pkg_onnx INTERFACE)
target_compile_definitions(ditmos_pkg_onnx INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(ditmos_pkg_onnx INTERFACE onnx onnx_proto protobuf::libprotobuf)

add_library(ditmos_pkg_nlohmann_json INTERFACE)
target_link_libraries(ditmos_pkg_nlohmann_json INTERFACE nlohmann_json::nlohmann_json fmt)
foreach(name matio sndfile archive curl hwy httplib)
  add_library(ditmos_pkg_${name} INTERFACE)
  target_link_libraries(ditmos_pkg_${name} INTERFACE PkgConfig::${name})
endforeach()

add_library(ditmos_options INTERFACE)
target_compile_options(ditmos_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
if(DITMOS_SANITIZE)
  add_compile_options(-fsanitize=${DITMOS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DITMOS_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Under the sanitizers gcc 12 guesses wrongly inside <regex> and <optional>.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
if(DITMOS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# ditmos_module(NAME MODULES other... PACKAGES external...): a static library of src/NAME.
function(ditmos_module name)
  cmake_parse_arguments(arg "" "" "MODULES;PACKAGES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  if(sources)
    add_library(ditmos_${name} STATIC ${sources})
    target_link_libraries(ditmos_${name} PRIVATE ditmos_options)
    set(scope PUBLIC)
  else()
    add_library(ditmos_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(ditmos_${name} ${scope} ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  foreach(module ${arg_MODULES})
    target_link_libraries(ditmos_${name} ${scope} ditmos_${module})
  endforeach()
  foreach(package ${arg_PACKAGES})
    target_link_libraries(ditmos_${name} ${scope} ditmos_pkg_${package})
  endforeach()
endfunction()

# ditmos_test(NAME MODULES used...): one GoogleTest program of tests/NAME/*.cpp. Tests of suites named
# *Slow get the label "slow".
function(ditmos_test name)
  cmake_parse_arguments(arg "" "" "MODULES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE ditmos_options GTest::gtest GTest::gmock GTest::gtest_main)
  foreach(module ${arg_MODULES})
    target_link_libraries(test_${name} PRIVATE ditmos_${module})
  endforeach()
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  gtest_discover_tests(test_${name} TEST_FILTER "-*Slow.*" DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 600 ENVIRONMENT "DITMOS_CACHE=")
  gtest_discover_tests(test_${name} TEST_FILTER "*Slow.*" DISCOVERY_TIMEOUT 120 TEST_LIST test_${name}_SLOW
    PROPERTIES TIMEOUT 1800 LABELS slow ENVIRONMENT "DITMOS_CACHE=")
endfunction()
