package io.whygate.benchmarks;

import java.util.List;
import java.util.Map;

/// A row of the table: one kind of work, and what the gateway may cost at it beside its peers.
///
/// @param key by which it is chosen
/// @param bars by the name of a peer, what the gateway may cost as a share of that peer's cost
/// @param most what it may cost at all; NaN for any
record Row(String key, String title, Work work, Map<String, Double> bars, double most) {
  /// What is measured.
  sealed interface Work {
    /// Processor time for each request under load.
    ///
    /// @param routes how many routes the peer has beside those that are always there
    /// @param upstreams over how many upstreams these are spread
    /// @param idle connections that are open beside those of the load
    record Loaded(Load load, int routes, int upstreams, int idle) implements Work {}

    /// Memory for each connection that has been used once and is idle, KiB.
    record Idle(int connections) implements Work {}

    /// From the start of the process to the first request served, ms.
    record Start() implements Work {}

    /// Resident memory after the first request, MiB.
    record Rest() implements Work {}
  }

  /// The unit of what is measured.
  String unit() {
    return switch (work) {
      case Work.Loaded _ -> "us";
      case Work.Idle _ -> "KiB";
      case Work.Start _ -> "ms";
      case Work.Rest _ -> "MiB";
    };
  }

  private static final Load SMALL = Load.get(64, "/1k");

  /// The rows that have bars, and those by which it shows how cost grows.
  static List<Row> all() {
    return List.of(
        loaded("http1", "HTTP/1.1, 1 KiB, 64 connections", SMALL, bars(0.90, 0.85)),
        loaded("tls", "the same over TLS", SMALL.overTls(), bars(0.80, 0.80)),
        loaded(
            "http2",
            "HTTP/2 over TLS, 16 connections of 10 streams",
            Load.get(16, "/1k").overHttp2(10),
            bars(0.70, 1.00)),
        loaded("body-64k", "64 KiB bodies", Load.get(16, "/64k"), bars(0.40, 0.70)),
        loaded("body-1m", "1 MiB bodies", Load.get(16, "/1m"), bars(0.60, 0.90)),
        loaded("post", "POST of 16 KiB", Load.get(64, "/post").posting(16 * 1024), bars(0.95, 9)),
        loaded("connect", "a new connection per request", SMALL.closingEach(), bars(1.00, 9)),
        loaded("connect-tls", "the same over TLS", SMALL.closingEach().overTls(), bars(0.80, 0.80)),
        loaded(
            "dead",
            "upstream dead: failures answered",
            Load.get(64, "/dead").failing(502),
            bars(0.70, 0.70)),
        new Row("idle", "2,000 idle connections, each", new Work.Idle(2000), Map.of(), 3),
        new Row("start", "start to first request served", new Work.Start(), Map.of(), 300),
        new Row("rest", "resident memory at rest", new Work.Rest(), Map.of(), 70),
        grown("routes-10", "10 routes", 10, 0),
        grown("routes-1000", "1,000 routes", 1000, 0),
        grown("routes-100000", "100,000 routes", 100_000, 0),
        grown("upstreams-10", "10 upstreams", 10, 10),
        grown("upstreams-1000", "1,000 upstreams", 1000, 1000),
        beside("connections-100", "36 idle connections beside 64", 36),
        beside("connections-10000", "9,936 idle connections beside 64", 9936),
        loaded("header-1k", "1 KiB more of header", SMALL.padded(1024), Map.of()),
        loaded("header-16k", "16 KiB more of header", SMALL.padded(16 * 1024), Map.of()));
  }

  /// Whether it shows how cost grows, and is left out unless asked for.
  boolean isGrowth() {
    return key.startsWith("routes-")
        || key.startsWith("upstreams-")
        || key.startsWith("connections-")
        || key.startsWith("header-");
  }

  private static Row loaded(String key, String title, Load load, Map<String, Double> bars) {
    return new Row(key, title, new Work.Loaded(load, 0, 0, 0), bars, Double.NaN);
  }

  private static Row grown(String key, String title, int routes, int upstreams) {
    Load load = Load.get(64, "/rN/1k").amongRoutes(routes);
    return new Row(key, title, new Work.Loaded(load, routes, upstreams, 0), Map.of(), Double.NaN);
  }

  private static Row beside(String key, String title, int idle) {
    return new Row(key, title, new Work.Loaded(SMALL, 0, 0, idle), Map.of(), Double.NaN);
  }

  /// A bar above 5 is none.
  private static Map<String, Double> bars(double nginx, double haproxy) {
    return haproxy > 5 ? Map.of("nginx", nginx) : Map.of("nginx", nginx, "haproxy", haproxy);
  }
}
