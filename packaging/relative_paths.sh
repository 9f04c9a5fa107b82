#!/bin/sh
# SPDX-License-Identifier: MIT
# A launcher for the compiler of package builds: relative_paths.sh ROOT COMPILER ARGUMENT...
# Names files below ROOT as seen from the build's directory, which is right below it. clang 16 writes
# the place of a lambda into the names of its constructor and destructor as it was given, whatever
# -ffile-prefix-map says, and the packages would hold the path of the machine that built them.
root=$1
shift
for word in "$@"; do
    shift
    case $word in
    "$root"/*) word=..${word#"$root"} ;;
    -I"$root" | -I"$root"/*) word=-I..${word#-I"$root"} ;;
    esac
    set -- "$@" "$word"
done
exec "$@"
