package io.whygate.gateway.cli;

import org.jspecify.annotations.Nullable;

/// The version of the program, from its archive.
final class Version {
  private Version() {}

  static String number() {
    @Nullable String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(built from source)" : version;
  }
}
