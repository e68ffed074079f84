package io.whygate.faults.demo;

import java.net.URI;

/// An upstream that the gateway needs for the demo.
///
/// @param name its name in the configuration
/// @param path the route's path, a prefix by segments
/// @param endpoint its endpoint, by a name that the demo's resolver knows
public record DemoUpstream(String name, String path, URI endpoint) {
  /// Whether the gateway speaks TLS to it, and has to trust the demo's root.
  public boolean usesTls() {
    return endpoint.getScheme().equals("https");
  }
}
