# Copies the shared libraries that the module needs into attnscope/libs, with their licences. What every
# Linux with Python has (the C and C++ run-time libraries) is left out, as manylinux wheels do.
file(GET_RUNTIME_DEPENDENCIES MODULES ${module}
  RESOLVED_DEPENDENCIES_VAR libraries
  UNRESOLVED_DEPENDENCIES_VAR unresolved
  PRE_EXCLUDE_REGEXES "^(libc|libm|libdl|librt|libpthread|libstdc\\+\\+|libgcc_s)\\.so" "^ld-linux" "^libpython")
if(unresolved)
  message(FATAL_ERROR "the module needs libraries that are not there: ${unresolved}")
endif()

set(target ${CMAKE_INSTALL_PREFIX}/attnscope/libs)
file(MAKE_DIRECTORY ${target})
foreach(library ${libraries})
  # Under the name that others ask for; a wheel holds no links.
  get_filename_component(name ${library} NAME)
  file(REAL_PATH ${library} real)
  file(COPY_FILE ${real} ${target}/${name})
  execute_process(COMMAND dpkg-query --search ${real} OUTPUT_VARIABLE owner ERROR_QUIET)
  string(REGEX MATCH "^[^:, ]+" package "${owner}")
  if(package AND EXISTS /usr/share/doc/${package}/copyright)
    file(COPY_FILE /usr/share/doc/${package}/copyright ${target}/${package}.copyright)
  endif()
endforeach()
