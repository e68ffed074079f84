package io.whygate.gateway.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/// The version of the program, from its archive.
final class Version implements IVersionProvider {

  static String number() {
    @Nullable String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(built from source)" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"whygate " + number()};
  }
}
