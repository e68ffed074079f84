package io.whygate.gateway.config;

import java.util.List;

/// How answers of a route are compressed.
///
/// @param codings the preferred one first
/// @param types media types in lower case: `text/html`, `text/*`, or `*+json` for all that end so
/// @param minSize answers whose length is known and below stay as they are, bytes
/// @param maxConcurrent answers that are compressed at the same time
public record CompressionSettings(
    List<Coding> codings, List<String> types, long minSize, int maxConcurrent, Levels levels) {
  public CompressionSettings {
    codings = List.copyOf(codings);
    types = List.copyOf(types);
  }

  /// A content coding (RFC 9110 section 8.4.1, RFC 7932, RFC 8878).
  public enum Coding {
    ZSTD,
    BR,
    GZIP
  }

  /// How hard each is compressed: higher is smaller and slower.
  public record Levels(int gzip, int br, int zstd) {}
}
