# shellcheck shell=bash
# Builds this module where it is older than its sources. Sourced by ./compare and ./micro, in the project's folder, with JAVA_HOME set; gives
# `classes` and `class_path`.
classes=gateway-benchmarks/target/classes
if [[ ! -d $classes || -n $(find gateway-benchmarks/src/main gateway-benchmarks/pom.xml -newer "$classes/.built" -print -quit 2>/dev/null || echo x) ]]; then
  ./mvnw -q -B -ntp -pl gateway-benchmarks -am -DskipTests package
  touch "$classes/.built"
fi
class_path="$classes:.whygate/app/lib/*:gateway-benchmarks/target/lib/*"
