# nnc_add_model(TARGET MODEL [NAME n] [TARGET cpu] [RUNTIME embed|link] [WEIGHTS form] [RAM n] [FLASH n] [PASSES p...]
#               [OPTIONS o...])
#
# Compiles MODEL (.json, .onnx or .nnc) to NAME.c and NAME.h when TARGET is built, adds the source to TARGET, and lets it and
# what links to it include the header. The C is made again whenever the model, the weights that belong to it, or nnc are
# newer; it is there before anything of TARGET is compiled.
#
# NAME is that of the file by default. TARGET cpu is by default the variable NNC_TARGET, which a toolchain file can set. This
# and the words that follow are options of `nnc build`; OPTIONS are passed as they are, such as --dim batch=1.
#
# WEIGHTS incbin, embed and external write NAME.weights.bin too; the property NNC_WEIGHTS of TARGET lists such files, for
# commands that put them into flash or an installation.
function(nnc_add_model target model)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAME;TARGET;RUNTIME;WEIGHTS;RAM;FLASH" "PASSES;OPTIONS")
  get_filename_component(model "${model}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  _nnc_check_arguments("${target}" "${model}")
  if(NOT arg_NAME)
    get_filename_component(arg_NAME "${model}" NAME_WLE)
  endif()
  if(NOT DEFINED arg_TARGET AND NNC_TARGET)
    set(arg_TARGET "${NNC_TARGET}")
  endif()

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/nnc/${target}")
  file(MAKE_DIRECTORY "${folder}")
  _nnc_build_options(options)
  set(weights)
  if(arg_WEIGHTS MATCHES "^(incbin|embed|external)$")
    set(weights "${folder}/${arg_NAME}.weights.bin")
    set_property(TARGET "${target}" APPEND PROPERTY NNC_WEIGHTS "${weights}")
  endif()
  add_custom_command(
    OUTPUT "${folder}/${arg_NAME}.c" "${folder}/${arg_NAME}.h" ${weights}
    COMMAND "${NNC_EXECUTABLE}" build "${model}" -o "${folder}/${arg_NAME}.c" --depfile "${folder}/${arg_NAME}.d"
      ${options}
    DEPENDS "${model}" "${NNC_EXECUTABLE}"
    DEPFILE "${folder}/${arg_NAME}.d"
    COMMENT "Compiling the model ${model} to C"
    VERBATIM)
  _nnc_attach("${target}" "${folder}" "${arg_NAME}")
  if(arg_RUNTIME STREQUAL "link")
    nnc_add_runtime()
    _nnc_link("${target}" nnc::runtime)
  endif()
endfunction()

# Stops where nnc_add_model, whose variables it sees, cannot go on.
function(_nnc_check_arguments target model)
  list(JOIN arg_UNPARSED_ARGUMENTS " " wrong)
  string(APPEND wrong ${arg_KEYWORDS_MISSING_VALUES})
  if(wrong)
    message(FATAL_ERROR "nnc_add_model(${target}): cannot use: ${wrong}\n"
      "Expected: nnc_add_model(target model [NAME n] [TARGET cpu] [RUNTIME embed|link] [WEIGHTS form] [RAM n] [FLASH n] "
      "[PASSES p...] [OPTIONS o...]), with a value behind each word.")
  endif()
  if(NOT TARGET "${target}")
    message(FATAL_ERROR "nnc_add_model(${target}): there is no such target; add the library or program before its models.")
  endif()
  get_target_property(type "${target}" TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    message(FATAL_ERROR "nnc_add_model(${target}): an interface library compiles nothing; give it a source, or add the "
      "model to another target.")
  endif()
  get_source_file_property(is_generated "${model}" GENERATED)
  if(NOT is_generated AND NOT EXISTS "${model}")
    message(FATAL_ERROR "nnc_add_model(${target}): there is no model ${model}, and no command that makes it.")
  endif()
endfunction()

# The options of `nnc build` for the arguments of nnc_add_model, whose variables it sees.
function(_nnc_build_options result)
  set(options)
  foreach(word IN ITEMS TARGET RUNTIME WEIGHTS RAM FLASH)
    if(DEFINED arg_${word})
      string(TOLOWER "${word}" option)
      list(APPEND options "--${option}" "${arg_${word}}")
    endif()
  endforeach()
  if(arg_PASSES)
    list(JOIN arg_PASSES "," passes)
    list(APPEND options --passes "${passes}")
  endif()
  set(${result} ${options} ${arg_OPTIONS} PARENT_SCOPE)
endfunction()

# Adds generated C to a target, which may be of another folder, where the rule that makes the C is not known.
function(_nnc_attach target folder name)
  string(MAKE_C_IDENTIFIER "nnc_${target}_${name}" rule)
  add_custom_target("${rule}" DEPENDS "${folder}/${name}.c" "${folder}/${name}.h")
  add_dependencies("${target}" "${rule}")
  set_source_files_properties("${folder}/${name}.c" TARGET_DIRECTORY "${target}" PROPERTIES GENERATED TRUE)
  target_sources("${target}" PRIVATE "${folder}/${name}.c")
  target_include_directories("${target}" PUBLIC "$<BUILD_INTERFACE:${folder}>")
  # Some models call functions of libm, which is a library of its own on Unix.
  if(UNIX)
    _nnc_link("${target}" m)
  endif()
endfunction()

# Links a target, and what links to it, with a library, whether the project calls target_link_libraries with or without
# keywords: CMake forbids both for one target.
function(_nnc_link target library)
  set_property(TARGET "${target}" APPEND PROPERTY LINK_LIBRARIES "${library}")
  set_property(TARGET "${target}" APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${library}")
endfunction()
