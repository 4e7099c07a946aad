# Stands in for Zephyr: adds the module nnc as Zephyr adds modules, and makes a program of this machine of the application.
get_filename_component(stub "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
# Zephyr enables languages before it adds modules.
project(Zephyr-Kernel LANGUAGES C)
add_compile_options(-ffunction-sections)

file(READ "${ZEPHYR_EXTRA_MODULES}/zephyr/module.yml" module)
if(NOT module MATCHES "cmake: ([^\n]+)\n +kconfig: ([^\n]+)\n")
  message(FATAL_ERROR "module.yml names neither CMake nor Kconfig")
endif()
set(module_cmake "${ZEPHYR_EXTRA_MODULES}/${CMAKE_MATCH_1}")
set(module_kconfig "${ZEPHYR_EXTRA_MODULES}/${CMAKE_MATCH_2}")

# Options are variables in CMake; one that no Kconfig declares is an error.
file(READ "${module_kconfig}" kconfig)
set(kconfig "${kconfig}config MAIN_STACK_SIZE\n")
file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/prj.conf" settings)
foreach(setting IN LISTS settings EXTRA_SETTINGS)
  string(REGEX REPLACE "^CONFIG_([A-Z0-9_]+)=(.*)$" "\\1;\\2" setting "${setting}")
  list(GET setting 0 option)
  if(NOT kconfig MATCHES "config ${option}\n")
    message(FATAL_ERROR "no Kconfig has ${option}")
  endif()
  list(GET setting 1 CONFIG_${option})
endforeach()

add_library(zephyr_interface INTERFACE)
target_include_directories(zephyr_interface INTERFACE "${stub}/include")
add_library(app STATIC)
target_link_libraries(app PUBLIC zephyr_interface)

macro(zephyr_library_named name)
  set(ZEPHYR_CURRENT_LIBRARY ${name})
  add_library(${name} STATIC)
  target_link_libraries(${name} PUBLIC zephyr_interface)
endmacro()

function(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGN})
endfunction()

function(zephyr_include_directories)
  target_include_directories(zephyr_interface INTERFACE ${ARGN})
endfunction()

add_subdirectory("${module_cmake}" modules/nnc)

file(WRITE "${CMAKE_BINARY_DIR}/empty.c" "typedef int empty;\n")
add_executable(zephyr_elf "${CMAKE_BINARY_DIR}/empty.c")
target_link_libraries(zephyr_elf PRIVATE -Wl,--gc-sections -Wl,--whole-archive app -Wl,--no-whole-archive)
set(Zephyr_FOUND TRUE)
