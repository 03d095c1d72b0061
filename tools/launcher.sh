#!/bin/sh
# The CMake argument that puts ccache before the compiler, where ccache is installed.
command -v ccache >/dev/null && echo "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
exit 0
