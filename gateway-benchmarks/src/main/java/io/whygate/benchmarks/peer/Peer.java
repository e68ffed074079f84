package io.whygate.benchmarks.peer;

import java.io.IOException;
import java.util.List;

/// A proxy that is measured. What is common to all: connections to the server behind are kept, the
/// access log goes to a file, one worker, TLS 1.3 and 1.2, HTTP/2 on TLS.
public interface Peer {
  String name();

  /// The Debian package that brings it; empty where it needs none.
  String debianPackage();

  /// The program that tells its version, with arguments.
  List<String> versionCommand();

  /// Writes its configuration and says how it is started, in the foreground, by `exec`: its process
  /// is the one that is measured, with all that descend from it.
  List<String> prepare(Site site) throws IOException;

  /// Whether it compiles itself as it runs, so that its cost falls for a while.
  default boolean warmsUp() {
    return false;
  }

  /// Whether it does this kind of work at all.
  default boolean speaksHttp2() {
    return true;
  }

  /// Whether routes and upstreams by the thousand are worth comparing.
  default boolean takesManyRoutes() {
    return false;
  }
}
