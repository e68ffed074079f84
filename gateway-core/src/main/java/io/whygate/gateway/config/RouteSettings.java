package io.whygate.gateway.config;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which requests go to which upstream.
///
/// @param name the label in metrics and logs
/// @param host lower case: exact, `*.` and a suffix, or empty for any
/// @param path a prefix by segments, or exact; `/` for any
/// @param exactPath whether the path has to be equal
/// @param methods upper case; empty for any
/// @param headers lower-case names with the value wanted: exact, or a prefix that ends in `*`
/// @param upstream the upstream's name
/// @param compression empty where answers stay as they are
/// @param grpcWeb empty where calls of gRPC-Web clients are passed on as they are
public record RouteSettings(
    String name,
    String host,
    String path,
    boolean exactPath,
    Set<String> methods,
    Map<String, String> headers,
    String upstream,
    Optional<CompressionSettings> compression,
    Optional<GrpcWebSettings> grpcWeb) {
  public RouteSettings {
    methods = Set.copyOf(methods);
    headers = Map.copyOf(headers);
  }
}
