package io.whygate.gateway.config;

import java.util.List;

/// How calls of gRPC-Web clients are carried to gRPC servers.
///
/// @param allowOrigins origins as browsers write them, such as `https://shop.example.com`, whose
///   pages may make calls; `*` for any
public record GrpcWebSettings(List<String> allowOrigins) {
  /// Stands for all origins.
  public static final String ANY = "*";

  public GrpcWebSettings {
    allowOrigins = List.copyOf(allowOrigins);
  }

  public boolean allowsAny() {
    return allowOrigins.contains(ANY);
  }
}
