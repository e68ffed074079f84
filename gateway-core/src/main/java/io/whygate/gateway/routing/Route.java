package io.whygate.gateway.routing;

import io.whygate.gateway.compression.Compression;
import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.config.RouteSettings;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.upstream.Upstream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A route of the table in force: its conditions, and the upstream that it leads to.
public final class Route {
  private final RouteSettings settings;
  private final Upstream upstream;
  private final List<Map.Entry<String, String>> headers;
  private final @Nullable Compression compression;
  private final RouteTable.Match.Found found = new RouteTable.Match.Found(this);

  Route(RouteSettings settings, Upstream upstream) {
    this.settings = settings;
    this.upstream = upstream;
    this.headers = List.copyOf(settings.headers().entrySet());
    this.compression = settings.compression().map(Compression::new).orElse(null);
  }

  /// The label in metrics and logs.
  public String name() {
    return settings.name();
  }

  public Upstream upstream() {
    return upstream;
  }

  /// What compresses its answers; null where they stay as they are.
  public @Nullable Compression compression() {
    return compression;
  }

  /// How calls of gRPC-Web clients are carried; null where they are passed on as they are.
  public @Nullable GrpcWebSettings grpcWeb() {
    return settings.grpcWeb().orElse(null);
  }

  /// This route as an answer of the table; always the same object.
  RouteTable.Match.Found found() {
    return found;
  }

  RouteSettings settings() {
    return settings;
  }

  int conditions() {
    return (settings.methods().isEmpty() ? 0 : 1) + headers.size();
  }

  /// Whether its method and header conditions hold.
  boolean admits(RequestHead request) {
    if (!settings.methods().isEmpty() && !settings.methods().contains(request.method())) {
      return false;
    }
    for (Map.Entry<String, String> wanted : headers) {
      String value = request.fields().first(wanted.getKey());
      if (value == null || !matches(value, wanted.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(String value, String wanted) {
    return wanted.endsWith("*")
        ? value.startsWith(wanted.substring(0, wanted.length() - 1))
        : value.equals(wanted);
  }
}
