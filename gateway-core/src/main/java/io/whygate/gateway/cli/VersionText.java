package io.whygate.gateway.cli;

import picocli.CommandLine.IVersionProvider;

/// What `--version` says.
final class VersionText implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"whygate " + Version.number()};
  }
}
