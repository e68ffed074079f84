# shellcheck shell=sh disable=SC2034
# Finds a JDK 25 or newer. Sourced by ./whygate and ./verify (POSIX sh).
#
#   find_jdk        sets JDK to the home of a JDK that can compile, or returns 1
#   find_java       the same for one that can run: a JRE will do
#   jdk_advice      one line: what to install

WANTED_JAVA=25

# The feature version of the Java in home $1 into JAVA_FEATURE, the whole of it into JAVA_RELEASE; from its release file, which costs no
# process, or by asking it.
java_feature() {
  JAVA_FEATURE=0
  [ -x "$1/bin/java" ] || return 1
  _version=
  if [ -r "$1/release" ] && [ -r "$1/lib/modules" ]; then
    while IFS= read -r _line || [ -n "$_line" ]; do
      case $_line in
        JAVA_VERSION=*) _version=${_line#JAVA_VERSION=} ;;
      esac
    done <"$1/release"
  fi
  if [ -z "$_version" ]; then
    _version=$("$1/bin/java" -XshowSettings:properties -version 2>&1 |
      sed -n 's/^ *java\.specification\.version = *//p') || return 1
  fi
  _version=${_version#\"}
  _version=${_version%\"}
  JAVA_RELEASE=$_version
  _version=${_version#1.}
  _version=${_version%%[!0-9]*}
  [ -n "$_version" ] || return 1
  JAVA_FEATURE=$_version
}

# Is home $1 new enough, and, where $2 is "jdk", able to compile?
_java_fits() {
  [ -n "$1" ] || return 1
  [ "$2" != jdk ] || [ -x "$1/bin/javac" ] || return 1
  java_feature "$1" && [ "$JAVA_FEATURE" -ge "$WANTED_JAVA" ]
}

# The home behind the java that PATH finds, through symlinks, and through the scripts of version managers.
_java_on_path() {
  _command=$(command -v java) || return 1
  _real=$(readlink -f "$_command") || return 1
  _home=${_real%/bin/java}
  if [ "$_home" = "$_real" ] || [ ! -e "$_home/lib/modules" ]; then
    _home=$("$_command" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = *//p')
  fi
  [ -n "$_home" ]
}

_find() {
  JDK=
  if _java_fits "${JAVA_HOME:-}" "$1"; then
    JDK=$JAVA_HOME
    return 0
  fi
  if _java_on_path && _java_fits "$_home" "$1"; then
    JDK=$_home
    return 0
  fi
  # The usual folders: of several, the oldest that is new enough.
  _best=0
  for _candidate in \
    /usr/lib/jvm/* /usr/java/* /usr/local/java/* /usr/local/lib/jvm/* /usr/local/openjdk-* /opt/* /opt/java/* /opt/jdk/* \
    "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/* "${HOME:-/root}"/.local/share/mise/installs/java/* \
    "${HOME:-/root}"/.asdf/installs/java/* "${HOME:-/root}"/.gradle/jdks/* "${HOME:-/root}"/.jenv/versions/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /snap/openjdk/current/jdk; do
    _java_fits "$_candidate" "$1" || continue
    if [ "$_best" -eq 0 ] || [ "$JAVA_FEATURE" -lt "$_best" ]; then
      _best=$JAVA_FEATURE
      JDK=$_candidate
    fi
  done
  [ "$_best" -gt 0 ]
}

find_jdk() { _find jdk; }
find_java() { _find jre; }

jdk_advice() {
  echo "Whygate needs a JDK $WANTED_JAVA or newer, and found none: install one (https://adoptium.net/temurin/releases/?version=$WANTED_JAVA, or on Debian 13 and newer: apt install openjdk-$WANTED_JAVA-jdk-headless), or set JAVA_HOME to it."
}
