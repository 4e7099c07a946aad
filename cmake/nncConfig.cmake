# What find_package(nnc) gives a project:
#
#   nnc_add_model(TARGET MODEL [NAME n] ...)    compiles a model to C and adds it to TARGET; see nncAddModel.cmake
#   nnc_add_runtime()                           defines the library nnc::runtime, the kernels that models share
#
# One file serves an installation and the source tree, which find_package(nnc) finds with -Dnnc_ROOT=/path/to/it.
include_guard(GLOBAL)

cmake_policy(VERSION 3.20...3.31)

include("${CMAKE_CURRENT_LIST_DIR}/nncPaths.cmake")
set(NNC_RUNTIME_INCLUDE_DIR "${_nnc_runtime_headers}" CACHE INTERNAL "The folder of nnc_runtime.h")
set(NNC_RUNTIME_SOURCE "${_nnc_runtime_source}" CACHE INTERNAL "The code of the kernels")

# A program of this machine, whatever the rest is compiled for.
find_program(NNC_EXECUTABLE nnc HINTS "${_nnc_program_folder}" NO_CMAKE_FIND_ROOT_PATH DOC "The compiler of models")
if(NOT NNC_EXECUTABLE)
  message(FATAL_ERROR "The program nnc was not found, neither in ${_nnc_program_folder} nor in PATH.\n"
    "Build it with `make` in the source tree of nnc, or set -DNNC_EXECUTABLE=/path/to/nnc.")
endif()

include("${CMAKE_CURRENT_LIST_DIR}/nncAddModel.cmake")

# The runtime is compiled in the project, and so with its flags for the processor. Each function gets a section of its own,
# of which a linker with --gc-sections keeps those that are called.
function(nnc_add_runtime)
  if(TARGET nnc::runtime)
    return()
  endif()
  add_library(nnc_runtime STATIC EXCLUDE_FROM_ALL "${NNC_RUNTIME_SOURCE}")
  add_library(nnc::runtime ALIAS nnc_runtime)
  target_include_directories(nnc_runtime PUBLIC "${NNC_RUNTIME_INCLUDE_DIR}")
  target_compile_options(nnc_runtime PRIVATE $<$<C_COMPILER_ID:GNU,Clang,AppleClang>:-ffunction-sections>)
  target_compile_features(nnc_runtime PRIVATE c_std_99)
  if(UNIX)
    _nnc_link(nnc_runtime m)
  endif()
endfunction()
