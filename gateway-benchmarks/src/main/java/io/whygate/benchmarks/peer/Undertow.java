package io.whygate.benchmarks.peer;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Undertow's reverse proxy: a peer in Java, on the same JVM with a collector that suits one
/// processor.
public final class Undertow implements Peer {
  @Override
  public String name() {
    return "undertow";
  }

  @Override
  public String debianPackage() {
    return "";
  }

  @Override
  public List<String> versionCommand() {
    return java("--version");
  }

  @Override
  public List<String> prepare(Site site) {
    return java(
        Integer.toString(site.port()),
        Integer.toString(site.tlsPort()),
        Integer.toString(site.origin()),
        Integer.toString(site.dead()),
        site.certificate().toString(),
        site.key().toString(),
        site.folder().toString());
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  private static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xms256m", "-Xmx512m", "-cp", classPath()));
    command.add(UndertowProxy.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /// This program's own; it is started in another folder.
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(each -> Path.of(each).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
