# Sourced by ./flowstate, ./check and the packaged bin/flowstate. Written for any POSIX shell.

# The major version of the Java home $1, or 0. Reads its release file: no JVM is started for the question.
java_major() {
  [ -r "$1/release" ] || { echo 0; return; }
  found=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  echo "${found:-0}"
}

# Whether the Java home $1 is of version 25 or newer and has the program $2 (java to run, javac to build).
java_fits() {
  [ -n "$1" ] && [ -x "$1/bin/$2" ] && [ "$(java_major "$1")" -ge 25 ]
}

# The home of the java that a plain "java" on PATH would start; empty when there is none.
java_on_path() {
  program=$(command -v java) || return 0
  while [ -L "$program" ]; do
    target=$(readlink "$program")
    case $target in
      /*) program=$target ;;
      *) program=$(dirname "$program")/$target ;;
    esac
  done
  dirname "$(dirname "$program")"
}

# Prints the home of a JDK that fits: JAVA_HOME, then PATH, then the newest in the folders where systems and tools put them.
# $1: the program it must have, java unless given. Fails when there is none.
find_jdk() {
  needs=${1:-java}
  for home in "${JAVA_HOME:-}" "$(java_on_path)"; do
    if java_fits "$home" "$needs"; then
      echo "$home"
      return 0
    fi
  done
  newest=0
  best=
  for home in /usr/lib/jvm/* /opt/java/* /opt/jdk* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/*; do
    if java_fits "$home" "$needs" && [ "$(java_major "$home")" -gt "$newest" ]; then
      newest=$(java_major "$home")
      best=$home
    fi
  done
  [ -n "$best" ] && echo "$best"
}

no_jdk() {
  cat >&2 <<'MESSAGE'
flowstate needs a JDK of version 25 or newer, and found none in JAVA_HOME, on PATH or in the usual folders.
Install one, for example:
  Debian, Ubuntu   apt-get install openjdk-25-jdk   (or temurin-25-jdk from Adoptium's repository)
  macOS            brew install openjdk@25   (and link it as its notes say)
  any system       sdk install java 25-tem   (SDKMAN)
or set JAVA_HOME to the one that you have.
MESSAGE
}
