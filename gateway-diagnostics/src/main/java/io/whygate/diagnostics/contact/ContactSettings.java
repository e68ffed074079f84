package io.whygate.diagnostics.contact;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Whether, and where, registries are asked for contacts.
///
/// @param enabled whether they are: else nobody is asked anything
/// @param bootstrap the folder with the lists of registries (RFC 9224), with a slash at its end
/// @param timeout of each question
/// @param folder where those lists are kept over a restart; empty for memory alone
public record ContactSettings(
    boolean enabled, URI bootstrap, Duration timeout, Optional<Path> folder) {
  /// Nobody is asked.
  public static final ContactSettings OFF =
      new ContactSettings(
          false,
          URI.create("https://data.iana.org/rdap/"),
          Duration.ofSeconds(5),
          Optional.empty());
}
